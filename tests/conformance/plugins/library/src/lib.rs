//! Resources, a template, prompts, completion and a skill.
//!
//! Names, URIs and texts are those that the conformance suite asks for.

/// The resources and the prompts.
#[portcullis_plugin::plugin(skills = "skills")]
pub mod library {
    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::json;

    /// One red pixel as PNG.
    const PNG: &[u8] = include_bytes!("../../pixel.png");

    /// A text that never changes.
    #[resource("test://static-text", name = "static-text", mime_type = "text/plain")]
    fn static_text() -> &'static str {
        "This is the content of the static text resource."
    }

    /// A picture that never changes.
    #[resource(
        "test://static-binary",
        name = "static-binary",
        mime_type = "image/png"
    )]
    fn static_binary() -> Vec<u8> {
        PNG.to_vec()
    }

    /// A text that clients may watch.
    #[resource(
        "test://watched-resource",
        name = "watched-resource",
        mime_type = "text/plain"
    )]
    fn watched_resource() -> &'static str {
        "This is the content of the watched resource."
    }

    /// Data of one id.
    #[resource(
        "test://template/{id}/data",
        name = "template",
        mime_type = "application/json"
    )]
    fn template(id: String) -> String {
        let data = format!("Data for ID: {id}");
        json!({"id": id, "templateTest": true, "data": data}).to_string()
    }

    /// Says one sentence.
    #[prompt]
    fn test_simple_prompt() -> &'static str {
        "This is a simple prompt for testing."
    }

    /// Says what it was given.
    #[prompt]
    fn test_prompt_with_arguments(
        /// The first argument.
        arg1: String,
        /// The second argument.
        arg2: String,
    ) -> String {
        format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
    }

    /// Suggests words for the first argument.
    #[complete(prompt = "test_prompt_with_arguments", argument = "arg1")]
    fn complete_first(value: &str) -> Vec<&'static str> {
        let words = ["paris", "park", "party", "test", "testing"];
        words
            .into_iter()
            .filter(|it| it.starts_with(value))
            .collect()
    }

    /// Carries a resource along.
    #[prompt]
    #[expect(non_snake_case, reason = "the suite names the argument so")]
    fn test_prompt_with_embedded_resource(
        /// Where the resource is.
        resourceUri: String,
    ) -> Vec<Message> {
        let text = "Embedded resource content for testing.";
        vec![
            Message::user(Content::embedded_text(resourceUri, text).mime_type("text/plain")),
            Message::user("Please process the embedded resource above."),
        ]
    }

    /// Carries a picture along.
    #[prompt]
    fn test_prompt_with_image() -> Vec<Message> {
        vec![
            Message::user(Content::image(PNG, "image/png")),
            Message::user("Please analyze the image above."),
        ]
    }
}
