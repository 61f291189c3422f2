//! Lists tools whose schemas are short to write and endless to evaluate.

use portcullis_test_guests::*;

/// Each level asks twice for the next one, so the last, which always holds, is evaluated 2^30 times.
const LEVELS: usize = 30;

struct SchemaBomb;

impl Trick for SchemaBomb {
    const NAME: &str = "schema_bomb";

    fn tools() -> Vec<Tool> {
        let itself = r##"{"type":"object","$ref":"#"}"##;
        vec![
            tool_taking(Self::NAME, doubling()),
            tool_taking("refers_to_itself", itself),
        ]
    }

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("called")
    }
}

fn doubling() -> String {
    let defs: String = (0..LEVELS)
        .map(|level| {
            let next = format!(r##"{{"$ref":"#/$defs/l{}"}}"##, level + 1);
            format!(r#""l{level}":{{"allOf":[{next},{next}]}},"#)
        })
        .collect();
    format!(
        r##"{{"type":"object","$defs":{{{defs}"l{LEVELS}":{{"maxProperties":9}}}},"$ref":"#/$defs/l0"}}"##
    )
}

export!(SchemaBomb: tools);
