//! Tools that answer at once: every kind of content, errors, progress, log lines, schemas and notices.
//!
//! Names, texts and media types are those that the conformance suite asks for.

/// The tools.
#[portcullis_plugin::plugin]
pub mod content {
    use std::thread::sleep;
    use std::time::Duration;

    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::Value;
    use portcullis_plugin::{log, notify, progress};

    /// One red pixel.
    const PNG: &[u8] = include_bytes!("../../pixel.png");

    /// Four samples of silence: one channel, 8000 samples a second, eight bits each.
    const WAV: &[u8] = include_bytes!("silence.wav");

    /// The pause between two notifications, as the suite describes its tools.
    const PAUSE: Duration = Duration::from_millis(50);

    /// Says a sentence.
    #[tool]
    fn test_simple_text() -> &'static str {
        "This is a simple text response for testing."
    }

    /// Shows a red pixel.
    #[tool]
    fn test_image_content() -> Content {
        Content::image(PNG, "image/png")
    }

    /// Plays a moment of silence.
    #[tool]
    fn test_audio_content() -> Content {
        Content::audio(WAV, "audio/wav")
    }

    /// Carries a resource along.
    #[tool]
    fn test_embedded_resource() -> Content {
        let text = "This is an embedded resource content.";
        Content::embedded_text("test://embedded-resource", text).mime_type("text/plain")
    }

    /// Says, shows and carries.
    #[tool]
    fn test_multiple_content_types() -> Vec<Content> {
        let json = r#"{"test":"data","value":123}"#;
        vec![
            Content::text("Multiple content types test:"),
            Content::image(PNG, "image/png"),
            Content::embedded_text("test://mixed-content-resource", json)
                .mime_type("application/json"),
        ]
    }

    /// Always says no.
    #[tool]
    fn test_error_handling() -> Result<String, &'static str> {
        Err("This tool intentionally returns an error for testing")
    }

    /// Reports progress three times.
    #[tool]
    fn test_tool_with_progress() -> &'static str {
        progress::report(0, 100.0, None);
        sleep(PAUSE);
        progress::report(50, 100.0, None);
        sleep(PAUSE);
        progress::report(100, 100.0, None);
        "progress was reported"
    }

    /// Writes three log lines.
    #[tool]
    fn test_tool_with_logging() -> &'static str {
        log::info("Tool execution started");
        sleep(PAUSE);
        log::info("Tool processing data");
        sleep(PAUSE);
        log::info("Tool execution completed");
        "log lines were written"
    }

    /// Writes a log line, which reaches only a client that asked for it.
    #[tool]
    fn test_logging_tool() -> &'static str {
        log::info("Tool execution started");
        "a log line was written"
    }

    /// Takes long enough for a stream to be closed and taken up again.
    #[tool]
    fn test_reconnection() -> &'static str {
        sleep(PAUSE * 2);
        "Reconnection test completed"
    }

    /// Takes what a JSON Schema of revision 2020-12 can say and no Rust type does.
    #[tool(input_schema = r##"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"}
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false
    }"##)]
    fn json_schema_2020_12_tool(contact: Value) -> String {
        format!("the contact is {contact}")
    }

    /// Repeats a value that the client sends in a header as well.
    #[tool]
    fn test_custom_header(
        /// The value.
        #[schemars(extend("x-mcp-header" = "Value"))]
        value: String,
    ) -> String {
        value
    }

    /// Needs the client's model.
    #[tool(requires = r#"{"sampling":{}}"#)]
    fn test_missing_capability() -> &'static str {
        "the client can run its model"
    }

    /// Says that the list of tools changed.
    #[tool]
    fn test_trigger_tool_change() -> &'static str {
        notify::tools_changed();
        "the list of tools changed"
    }

    /// Says that the list of prompts changed.
    #[tool]
    fn test_trigger_prompt_change() -> &'static str {
        notify::prompts_changed();
        "the list of prompts changed"
    }
}

#[cfg(test)]
mod tests {
    use portcullis_plugin::bindings::tool_plugin::exports::portcullis::plugin::tools::Guest;
    use portcullis_plugin::serde_json::{Value, from_str};

    use super::content::PortcullisPlugin as Plugin;

    fn schema(name: &str) -> Value {
        let page = Plugin::list(None).expect("a list");
        let mut tools = page.tools.into_iter();
        let tool = tools.find(|it| it.name == name).expect("a tool");
        from_str(&tool.input_schema).expect("JSON")
    }

    #[test]
    fn the_keywords_of_2020_12_are_listed() {
        let schema = schema("json_schema_2020_12_tool");
        assert_eq!(schema["$defs"]["address"]["$anchor"], "addressDef");
        assert_eq!(schema["else"]["required"][0], "email");
        assert_eq!(schema["additionalProperties"], false);
    }

    #[test]
    fn a_property_can_name_its_header() {
        let value = &schema("test_custom_header")["properties"]["value"];
        assert_eq!(value["x-mcp-header"], "Value");
        assert_eq!(value["type"], "string");
    }
}
