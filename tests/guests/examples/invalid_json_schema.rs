//! Lists a tool whose input schema is not JSON.

use portcullis_test_guests::*;

struct InvalidJsonSchema;

impl Trick for InvalidJsonSchema {
    const NAME: &str = "invalid_json_schema";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(Self::NAME, r#"{"type":"#)]
    }

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("called")
    }
}

export!(InvalidJsonSchema: tools);
