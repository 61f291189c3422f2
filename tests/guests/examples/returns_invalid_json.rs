//! Answers with structured content and with `_meta` that are not JSON.

use portcullis_test_guests::*;

struct ReturnsInvalidJson;

impl Trick for ReturnsInvalidJson {
    const NAME: &str = "returns_invalid_json";

    fn tools() -> Vec<Tool> {
        vec![
            tool(Self::NAME),
            tool("invalid_meta"),
            tool("meta_is_no_object"),
        ]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let result = match request.name.as_str() {
            "invalid_meta" => ToolResult {
                meta: Some("{not json".into()),
                ..said("meta")
            },
            "meta_is_no_object" => ToolResult {
                meta: Some("[1]".into()),
                ..said("meta")
            },
            _ => ToolResult {
                structured: Some("{not json".into()),
                ..said("structured")
            },
        };
        Ok(CallOutcome::Complete(result))
    }
}

export!(ReturnsInvalidJson: tools);
