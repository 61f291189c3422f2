//! Answers with structured content that is nested 100,000 deep, which is a stack overflow for a parser that recurses.

use portcullis_test_guests::*;

const DEPTH: usize = 100_000;

struct DeepJson;

impl Trick for DeepJson {
    const NAME: &str = "deep_json";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let nested = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
        Ok(CallOutcome::Complete(ToolResult {
            structured: Some(nested),
            ..said("deep")
        }))
    }
}

export!(DeepJson: tools);
