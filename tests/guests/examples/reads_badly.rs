//! Tools that say they change nothing: one answers well, one crashes, one gives another answer than it promised, and one can
//! hardly be called at all. A fifth changes things, and crashes to show that it was called.

use portcullis_test_guests::*;

struct ReadsBadly;

/// What the tools promise to answer.
const PROMISED: &str = r#"{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}"#;

impl Trick for ReadsBadly {
    const NAME: &str = "reads_well";

    fn tools() -> Vec<Tool> {
        let anything = r#"{"type":"object"}"#;
        let riddle = r#"{"type":"object","properties":{"code":{"type":"string","pattern":"^[A-Z]{3}-[0-9]{7}$"}},"required":["code"]}"#;
        vec![
            reading(Self::NAME, anything, true),
            reading("crashes", anything, true),
            reading("breaks_its_word", anything, true),
            reading("riddle", riddle, true),
            reading("changes", anything, false),
        ]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let n = match request.name.as_str() {
            "breaks_its_word" => r#"{"n":"one"}"#,
            Self::NAME => r#"{"n":1}"#,
            name => panic!("{name} was called"),
        };
        Ok(CallOutcome::Complete(ToolResult {
            structured: Some(n.into()),
            ..said("a number")
        }))
    }
}

fn reading(name: &str, input_schema: &str, only_reads: bool) -> Tool {
    Tool {
        output_schema: Some(PROMISED.into()),
        annotations: Some(tools::ToolAnnotations {
            read_only_hint: Some(only_reads),
            destructive_hint: None,
            idempotent_hint: None,
            open_world_hint: Some(false),
        }),
        ..tool_taking(name, input_schema)
    }
}

export!(ReadsBadly: tools);
