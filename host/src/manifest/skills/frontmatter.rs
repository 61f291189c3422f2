//! The head of `SKILL.md`: YAML between two lines of three hyphens.
//!
//! YAML has a dozen ways of growing while it is read. Each has a budget here, and the reader is in safe Rust.

use serde_json::{Map, Value};
use serde_saphyr::Options;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

/// Bytes of a head. Clients keep the heads of all skills before a model.
const BYTES_MAX: usize = 16 << 10;

/// How deep a head nests. Honest ones have three levels.
const DEPTH_MAX: usize = 16;

/// Parts of a head, those that aliases repeat included. Honest ones have some dozens.
const NODES_MAX: usize = 4_096;

/// Reads the head of a file. The sentence of an error follows the skill's name.
pub(super) fn read(file: &[u8]) -> Result<Map<String, Value>, String> {
    let text = str::from_utf8(file).map_err(|_| "its `SKILL.md` is not UTF-8".to_owned())?;
    let head = head(text).ok_or(
        "its `SKILL.md` does not begin with a head between two lines of `---` \
         (hint: begin with `---`, `name:`, `description:`, `---`)",
    )?;
    if head.len() > BYTES_MAX {
        return Err(format!(
            "the head of its `SKILL.md` has more than {BYTES_MAX} bytes"
        ));
    }
    let read: Value = serde_saphyr::from_str_with_options(head, options()).map_err(|error| {
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default().to_owned();
        format!("the head of its `SKILL.md` cannot be read as YAML: {first}")
    })?;
    match read {
        Value::Object(head) => Ok(head),
        _ => Err("the head of its `SKILL.md` is not a list of keys and values".to_owned()),
    }
}

/// What stands between the first line, of three hyphens, and the next one like it.
fn head(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let begun = text
        .strip_prefix("---\n")
        .or_else(|| text.strip_prefix("---\r\n"))?;
    let mut length = 0;
    for line in begun.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return begun.get(..length);
        }
        length += line.len();
    }
    None
}

/// What a head may cost, and how its words are understood: as YAML 1.2, in which `yes` is a word.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 2 * NODES_MAX,
            max_aliases: NODES_MAX,
            max_anchors: NODES_MAX,
            max_recorded_anchor_events: 2 * NODES_MAX,
            max_recorded_anchor_bytes: 4 * BYTES_MAX,
            max_depth: DEPTH_MAX,
            max_documents: 1,
            max_nodes: NODES_MAX,
            max_total_scalar_bytes: 4 * BYTES_MAX,
            max_merge_keys: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: NODES_MAX,
            max_replay_stack_depth: DEPTH_MAX,
            max_alias_expansions_per_anchor: NODES_MAX,
        },
        strict_booleans: true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_head_is_what_its_author_wrote() {
        let check = |text: &str, expected: Value| {
            let read = read(text.as_bytes()).map(Value::Object);
            assert_eq!(read, Ok(expected), "{text:?}");
        };
        check("---\nname: a\n---\nbody", json!({"name": "a"}));
        check("\u{feff}---\r\nname: a\r\n---\r\n", json!({"name": "a"}));
        check(
            "---\na: [1, 1.5, true, yes, ~]\n--- \n",
            json!({"a": [1, 1.5, true, "yes", null]}),
        );
        check(
            "---\na:\n  b: \"--- not the end\"\n---",
            json!({"a": {"b": "--- not the end"}}),
        );
        check("---\na: &x [1]\nb: *x\n---\n", json!({"a": [1], "b": [1]}));
    }

    #[test]
    fn what_is_no_head_is_refused() {
        for bad in [
            "",
            "# title",
            "--- \n---",
            "---\nname: a",
            "---\n- a\n---\n",
            "---\nplain\n---\n",
            "---\na: 1\na: 2\n---\n",
            "---\na: [1\n---\n",
            "---\na: *nobody\n---\n",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(read(b"---\nname: \xff\n---\n").is_err());
    }

    #[test]
    fn a_head_that_would_explode_is_refused_quickly() {
        // A billion laughs: nine levels of nine aliases each.
        let mut laughs =
            String::from("---\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for level in 1..10 {
            let below = level - 1;
            let nine = vec![format!("*a{below}"); 9].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{nine}]\n"));
        }
        laughs.push_str("---\n");
        assert!(read(laughs.as_bytes()).is_err());

        let deep = format!("---\na: {}{}\n---\n", "[".repeat(5_000), "]".repeat(5_000));
        assert!(read(deep.as_bytes()).is_err());
        let endless = "---\na: &a [*a]\n---\n";
        assert!(read(endless.as_bytes()).is_err());
        let wide = format!("---\na: [{}1]\n---\n", "1,".repeat(6_000));
        assert!(read(wide.as_bytes()).is_err());
        let long = format!("---\na: {}\n---\n", "x".repeat(BYTES_MAX));
        assert!(read(long.as_bytes()).is_err());
    }
}
