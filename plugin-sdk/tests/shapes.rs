//! The less usual shapes a function may have.

use portcullis_plugin::bindings::tool_plugin::exports::portcullis::plugin::tools::{self, Guest};
use portcullis_plugin::glue::tools::Tools;
use portcullis_plugin::serde_json::{Value, from_str, json};
use portcullis_plugin::{Context, Outcome};

/// A pair of equal things.
#[portcullis_plugin::data]
#[derive(Debug, PartialEq)]
pub struct Pair<T> {
    /// The first.
    left: T,
    right: T,
}

#[portcullis_plugin::plugin]
mod shapes {
    use portcullis_plugin::prelude::*;

    use super::Pair;

    // These names occur in the generated code too, and must not clash with it.
    type Arguments = u8;
    const TOOLS: u8 = 7;

    /// A tree.
    #[data]
    struct Tree {
        children: Vec<Tree>,
    }

    /// Names that the generated code uses itself.
    #[tool]
    fn clashing(
        context: String,
        arguments: Arguments,
        #[default(TOOLS)] answer: u8,
        around: Context,
    ) -> String {
        format!(
            "{context} {arguments} {answer} {}",
            around.deadline().as_secs()
        )
    }

    /// A keyword, and a parameter that is changed.
    #[tool]
    fn keyword(r#type: String, #[allow(unused_mut)] mut count: u8) -> String {
        count += 1;
        format!("{} {count}", r#type)
    }

    /// A generic type.
    #[tool]
    fn swap(pair: Pair<u8>) -> Pair<u8> {
        Pair {
            left: pair.right,
            right: pair.left,
        }
    }

    /// A type that holds itself.
    #[tool]
    fn count(tree: Tree) -> usize {
        tree.children.into_iter().map(count).sum::<usize>() + 1
    }

    /// Nothing at all.
    #[tool]
    fn nothing() {}

    /// Not there.
    #[cfg(false)]
    #[tool]
    fn absent() -> String {
        String::new()
    }

    /// Borrows from the call.
    #[portcullis_plugin::tool]
    fn revision(context: &Context) -> &str {
        context.protocol_version()
    }

    /// Many blocks.
    #[tool]
    fn blocks() -> Result<Vec<Content>, Error> {
        Ok(vec![
            Content::text("a"),
            Content::image(*b"png", "image/png"),
        ])
    }

    #[test]
    fn a_tool_is_an_ordinary_function() {
        assert_eq!(keyword("a".to_owned(), 1), "a 2");
    }
}

fn run(name: &str, arguments: Value) -> String {
    let mut tools = shapes::PortcullisPlugin::TOOLS.iter();
    let tool = tools.find(|it| it.name == name).expect("a tool");
    match (tool.call)(&arguments.to_string(), &Context::default()) {
        Ok(Outcome::Complete(answer)) => format!("{answer:?}"),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn check(name: &str, arguments: Value, expected: &str) {
    let said = run(name, arguments);
    assert!(said.contains(expected), "{said}");
}

#[test]
fn names_of_the_author_do_not_clash_with_generated_ones() {
    check(
        "clashing",
        json!({"context": "c", "arguments": 1}),
        r#"text: "c 1 7 30""#,
    );
}

#[test]
fn all_shapes_answer() {
    check("keyword", json!({"type": "t", "count": 1}), r#""t 2""#);
    check(
        "swap",
        json!({"pair": {"left": 1, "right": 2}}),
        r#""{\"left\":2,\"right\":1}""#,
    );
    check(
        "count",
        json!({"tree": {"children": [{"children": []}]}}),
        r#""2""#,
    );
    check("nothing", json!({}), "content: []");
    check("revision", json!({}), "2026-07-28");
    check("blocks", json!({}), "image/png");
}

#[test]
fn a_tool_that_is_configured_out_is_not_listed() {
    let page = <shapes::PortcullisPlugin as Guest>::list(None).expect("a list");
    assert!(page.tools.iter().all(|it| it.name != "absent"));
    let schema = |it: &tools::Tool| from_str::<Value>(&it.input_schema).expect("JSON");
    assert!(
        page.tools
            .iter()
            .map(schema)
            .all(|it| it["type"] == "object")
    );
}

#[test]
fn a_type_that_holds_itself_has_a_schema() {
    let page = <shapes::PortcullisPlugin as Guest>::list(None).expect("a list");
    let mut tools = page.tools.into_iter();
    let count = tools.find(|it| it.name == "count").expect("a tool");
    let schema: Value = from_str(&count.input_schema).expect("JSON");
    let tree = &schema["$defs"]["Tree"];
    assert_eq!(tree["type"], "object", "{schema}");
}
