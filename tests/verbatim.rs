//! What a plugin says in JSON comes out on the wire as it said it, and a client's `_meta` reaches the plugin so.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::apps::verbatim;
use crate::support::host::{failure, host_of, installed};
use crate::support::wire::{MODERN, Wire};

/// Marsaglia's xorshift: the same documents in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) % sides
    }

    fn word(&mut self) -> String {
        const WORDS: [&str; 12] = [
            "",
            "a",
            "$ref",
            "_meta",
            "ä\u{1f600}",
            "\u{0}\u{1f}",
            "\"\\/",
            "\u{2028}",
            "10",
            "__proto__",
            "type",
            "\u{feff}",
        ];
        WORDS[self.roll(12) as usize].to_owned()
    }

    fn json(&mut self, depth: u64) -> Value {
        let kinds = if depth == 0 { 7 } else { 9 };
        match self.roll(kinds) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(self.roll(1 << 32) << 32 | self.roll(1 << 32)),
            3 => json!(-((self.roll(1 << 31) << 32 | self.roll(1 << 32)) as i64)),
            4 => json!(f64::from_bits(
                self.roll(1 << 32) << 31 | self.roll(1 << 31)
            )),
            5 | 6 => json!(self.word()),
            7 => (0..self.roll(4)).map(|_| self.json(depth - 1)).collect(),
            _ => Value::Object(self.object(depth - 1)),
        }
    }

    fn object(&mut self, depth: u64) -> Map<String, Value> {
        (0..self.roll(5))
            .map(|_| (self.word(), self.json(depth)))
            .collect()
    }
}

/// The text of a member of the result, as it stands on the wire: found by its own text, order of keys and all.
fn stands_in(line: &str, member: &str, text: &str) -> bool {
    line.contains(&format!("\"{member}\":{text}"))
}

#[tokio::test]
async fn any_structured_answer_and_any_meta_come_out_as_they_were_said() {
    let host = host_of([verbatim(json!({}))]);
    let mut wire = Wire::open(&host, MODERN).await;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200 {
        let structured = dice.json(4).to_string();
        let meta = Value::Object(dice.object(3));
        let asked = json!({"name": "say", "arguments": {"structured": structured, "meta": meta.to_string()}});
        let line = wire.line("tools/call", asked).await;
        assert!(
            stands_in(&line, "structuredContent", &structured),
            "{structured}\n{line}"
        );
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        let told = answer["result"]["_meta"].as_object_mut().expect("`_meta`");
        told.shift_remove("io.modelcontextprotocol/serverInfo");
        assert_eq!(Value::Object(told.clone()).to_string(), meta.to_string());
    }
}

/// What a number becomes on its way. All that a double holds is kept, and whole numbers of 64 bits; the rest is the
/// nearest double, as it is for every client that reads JSON with JavaScript.
#[tokio::test]
async fn a_number_is_kept_as_far_as_a_double_holds_it() {
    let host = host_of([verbatim(json!({}))]);
    let mut wire = Wire::open(&host, MODERN).await;
    for (said, told) in [
        ("1", "1"),
        ("1.0", "1.0"),
        ("-0.0", "-0.0"),
        ("0.1", "0.1"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9007199254740993", "9007199254740993"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e308"),
        ("2.2250738585072011e-308", "2.225073858507201e-308"),
        ("123456789.12345679", "123456789.12345679"),
        ("1.10", "1.1"),
        ("18446744073709551616", "1.8446744073709552e19"),
    ] {
        let asked = json!({"name": "say", "arguments": {"structured": said}});
        let line = wire.line("tools/call", asked).await;
        let answer: Value = serde_json::from_str(&line).unwrap();
        let value = &answer["result"]["structuredContent"];
        assert_eq!(value.as_f64(), said.parse().ok(), "{said}: {line}");
        assert!(
            stands_in(&line, "structuredContent", told)
                || serde_json::from_str::<Value>(told).unwrap() == *value,
            "{said}: {line}"
        );
    }
}

#[tokio::test]
async fn any_schema_and_any_meta_are_listed_as_they_were_said() {
    let everything = r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:x","type":"object","z":1,"a":[1.0,1,0.1,1e-7,18446744073709551615],"$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string","minLength":1}}},"b":{"type":["string","null"],"enum":["\u0000","é",null]}},"properties":{"street":{"$ref":"#/$defs/address"},"any":true,"none":false,"n":{"type":"number","multipleOf":0.01,"exclusiveMaximum":9007199254740993}},"allOf":[{"anyOf":[{"required":["a"]},{"required":["b"]},true]}],"if":{"properties":{"n":{"const":1.0}}},"then":{"required":["n"]},"else":{},"dependentRequired":{"a":["b"]},"prefixItems":[true],"additionalProperties":false,"x-unknown":{"deep":{"deeper":[[[null]]]}}}"##;
    let said: Value = serde_json::from_str(everything).unwrap();
    let mut dice = Dice(42);
    let mut metas: Vec<_> = (0..5)
        .map(|_| Value::Object(dice.object(4)).to_string())
        .collect();
    metas.push(r#"{"example.com/z":{"b":1,"a":[2.50]},"a":null}"#.to_owned());
    for meta in metas {
        let settings = json!({"input": everything, "output": everything, "meta": meta});
        let meta: Value = serde_json::from_str(&meta).unwrap();
        let host = host_of([verbatim(settings)]);
        assert_eq!(failure(&host, "verbatim").await, None);
        for revision in ["2025-11-25", MODERN] {
            let mut wire = Wire::open(&host, revision).await;
            let line = wire.line("tools/list", json!({})).await;
            for schema in ["inputSchema", "outputSchema"] {
                assert!(stands_in(&line, schema, &said.to_string()), "{line}");
            }
            for (method, params, list) in [
                ("tools/list", json!({}), "tools"),
                ("resources/list", json!({}), "resources"),
                ("resources/templates/list", json!({}), "resourceTemplates"),
                ("prompts/list", json!({}), "prompts"),
                (
                    "resources/read",
                    json!({"uri": "verbatim://page"}),
                    "contents",
                ),
            ] {
                let told = wire.result(method, params).await;
                let told = told[list][0]["_meta"].to_string();
                assert_eq!(told, meta.to_string(), "{revision} {method}");
            }
        }
    }
}

#[tokio::test]
async fn the_meta_of_a_request_reaches_the_plugin_without_the_keys_the_host_answers_for() {
    let host = host_of([verbatim(json!({}))]);
    let open = json!({"example.com/a": {"b": [1, null, 0.5]}, "plain": "x"});
    let mut meta = open.clone();
    meta["io.modelcontextprotocol/other"] = json!(1);
    meta["baggage"] = json!("secret=1");
    meta["traceparent"] = json!("not one");
    for revision in ["2025-11-25", MODERN] {
        let mut wire = Wire::open(&host, revision).await;
        let asked = json!({"name": "seen", "arguments": {}, "_meta": meta});
        let called = wire.result("tools/call", asked).await;
        assert_eq!(called["structuredContent"], open, "{revision}");
        let asked = json!({"uri": "verbatim://page", "_meta": meta});
        let read = wire.result("resources/read", asked).await;
        assert_eq!(read["contents"][0]["text"], open.to_string(), "{revision}");
        let asked = json!({"name": "talk", "_meta": meta});
        let prompt = wire.result("prompts/get", asked).await;
        assert_eq!(
            prompt["messages"][0]["content"]["text"],
            open.to_string(),
            "{revision}"
        );
    }
}

#[tokio::test]
async fn each_revision_gets_the_forms_it_knows() {
    let host = host_of([installed("every_content")]);
    let check = async |revision: &str, kinds: &[&str], tool_lacks: &[&str]| {
        let mut wire = Wire::open(&host, revision).await;
        if revision != MODERN {
            assert_eq!(wire.opened["protocolVersion"], revision);
        }
        let listed = wire.result("tools/list", json!({})).await;
        let tool = &listed["tools"][0];
        for key in [
            "title",
            "icons",
            "annotations",
            "outputSchema",
            "_meta",
            "description",
            "inputSchema",
        ] {
            assert_eq!(
                tool[key].is_null(),
                tool_lacks.contains(&key),
                "{revision} {key}: {tool}"
            );
        }
        let asked = json!({"name": "every_content__every_content", "arguments": {}});
        let called = wire.result("tools/call", asked).await;
        let told: BTreeSet<_> = called["content"]
            .as_array()
            .expect("content")
            .iter()
            .map(|block| block["type"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(told, kinds.iter().copied().collect(), "{revision}");
        assert_eq!(
            called["structuredContent"].is_null(),
            tool_lacks.contains(&"outputSchema"),
            "{revision}"
        );
        let note = called["content"].to_string().contains("cannot be shown");
        assert_eq!(
            note,
            kinds.len() < 5,
            "{revision}: what is left out is said"
        );
    };
    let all = ["text", "image", "resource", "audio", "resource_link"];
    check(
        "2024-11-05",
        &all[..3],
        &["title", "icons", "annotations", "outputSchema"],
    )
    .await;
    check("2025-03-26", &all[..4], &["title", "icons", "outputSchema"]).await;
    check("2025-06-18", &all, &["icons"]).await;
    check("2025-11-25", &all, &[]).await;
    check(MODERN, &all, &[]).await;
}

#[tokio::test]
async fn a_structured_answer_that_is_no_object_is_for_modern_clients() {
    let host = host_of([verbatim(json!({"output": "{\"type\":\"array\"}"}))]);
    for said in ["[1]", "1", "null", "true", "\"words\"", "[]"] {
        let asked = json!({"name": "say", "arguments": {"structured": said}});
        let mut modern = Wire::open(&host, MODERN).await;
        let line = modern.line("tools/call", asked.clone()).await;
        assert!(stands_in(&line, "structuredContent", said), "{line}");
        let mut legacy = Wire::open(&host, "2025-11-25").await;
        let told = legacy.result("tools/call", asked).await;
        assert!(told.get("structuredContent").is_none(), "{told}");
        let listed = legacy.result("tools/list", json!({})).await;
        assert!(listed["tools"][0].get("outputSchema").is_none(), "{listed}");
    }
}
