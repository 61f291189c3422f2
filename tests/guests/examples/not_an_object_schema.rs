//! Lists a tool whose input schema describes text and not an object.

use portcullis_test_guests::*;

struct NotAnObjectSchema;

impl Trick for NotAnObjectSchema {
    const NAME: &str = "not_an_object_schema";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(Self::NAME, r#"{"type":"string"}"#)]
    }

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("called")
    }
}

export!(NotAnObjectSchema: tools);
