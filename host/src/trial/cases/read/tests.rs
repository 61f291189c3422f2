use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::*;
use crate::trial::Reach;
use crate::trial::cases::Asks;

fn parse(text: &str) -> Result<CaseFile, ConfigError> {
    CaseFile::parse(text, Path::new("tests/a.toml"))
}

#[test]
fn a_whole_file_is_read_as_it_is_meant() {
    let file = parse(
        r#"
[allow]
network = ["api.example.com"]
storage = ["key-value"]
[limits]
call_ms = 2_000
[clock]
now = 2026-01-02T03:04:05Z
[random]
seed = 7
[key-value]
"a" = "1"
[[http]]
request = "get https://API.example.com/v1?q=x"
json = { temperature = 21 }

[[case]]
name = "Greets by name"
tool = "greet"
arguments = { name = "Ada" }
expect = "Hello, Ada!"
allow = { storage = [] }
limits = { fuel = 9 }
[case.key-value]
"b" = "2"

[[case]]
name = "steps"
[[case.step]]
resource = "a://b"
[[case.step]]
prompt = "p"
arguments = { x = "y" }
[case.step.expect]
text = { contains = ["a", "b"] }
[case.step.budget]
fuel = 5
"#,
    )
    .unwrap();
    assert_eq!(file.stem, "a");
    let [first, second] = &file.cases[..] else {
        panic!("{:?}", file.cases)
    };
    assert_eq!((first.slug.as_str(), first.line), ("greets-by-name", 17));
    let conditions = &first.conditions;
    assert_eq!(conditions.allow.to_string(), "network: api.example.com");
    assert_eq!(
        conditions.limits.entries(),
        [("fuel", 9), ("call_ms", 2_000)]
    );
    assert_eq!(
        conditions.now,
        Some(UNIX_EPOCH + Duration::from_secs(1_767_323_045))
    );
    assert_eq!(conditions.seed, Some(7));
    let keys: Vec<_> = conditions.key_value.keys().collect();
    assert_eq!(keys, ["a", "b"]);
    let Reach::Script(exchanges) = &conditions.reach else {
        panic!("{:?}", conditions.reach)
    };
    assert_eq!(exchanges[0].method, "GET");
    assert_eq!(exchanges[0].url, "https://api.example.com/v1?q=x");
    assert_eq!(exchanges[0].response, r#"{"temperature":21}"#);
    assert_eq!(
        exchanges[0].headers,
        [("content-type".to_owned(), "application/json".to_owned())]
    );
    let Asks::Tool { name, arguments } = &first.steps[0].asks else {
        panic!("{:?}", first.steps)
    };
    assert_eq!(
        (name.as_str(), &arguments["name"]),
        ("greet", &json!("Ada"))
    );
    assert_eq!(second.conditions.allow.storage.len(), 1);
    assert_eq!(second.steps[1].budget.fuel, Some(5));
    assert_eq!(second.steps[0].asks, Asks::Resource("a://b".to_owned()));
}

#[test]
fn a_case_has_the_last_word_on_the_same_request() {
    let file = parse(
        "[[http]]\nrequest = \"GET https://a.b/\"\nbody = \"file\"\n[[http]]\nrequest = \"GET https://a.b/other\"\n\
         [[case]]\nname = \"a\"\ntool = \"t\"\n[[case.http]]\nrequest = \"GET https://a.b\"\nbody = \"case\"\n",
    )
    .unwrap();
    let Reach::Script(exchanges) = &file.cases[0].conditions.reach else {
        panic!("no exchanges")
    };
    let bodies: Vec<_> = exchanges
        .iter()
        .map(|exchange| &exchange.response[..])
        .collect();
    assert_eq!(bodies, [&b"case"[..], b""]);
}

#[test]
fn what_makes_no_sense_is_named_with_its_line_and_the_way_out() {
    let check = |text: &str, expected: &str| {
        let error = parse(text).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}\n{error}");
        assert!(error.starts_with("tests/a.toml:"), "{error}");
        assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
    };
    let case = |lines: &str| format!("[[case]]\nname = \"a\"\ntool = \"t\"\n{lines}");
    check(
        "[alow]",
        "tests/a.toml:1:2: key `alow` is not known (hint: did you mean `allow`?)",
    );
    check(
        &case("tol = 1"),
        "4:1: key `case[0].tol` is not known (hint: did you mean `tool`?)",
    );
    check(
        &case("expect.txt = \"a\""),
        "key `case[0].expect.txt` is not known (hint: did you mean `text`?)",
    );
    check(
        &case("expect = 1"),
        "expected a table (hint: docs/testing.md describes every key)",
    );
    check(&case("expect.text = {}"), "expects nothing");
    check(
        &case("expect.text.contain = \"a\""),
        "did you mean `contains`?",
    );
    check(
        &case("expect.text.matches = \"(\""),
        "is no regular expression: unclosed group",
    );
    check(
        &case("expect.json = { a = { \"$typ\" = \"x\" } }"),
        "did you mean `$type`?",
    );
    check(
        &case("expect = { fails = \"a\", error = true }"),
        "stands beside `error`",
    );
    check(
        &case("expect = { questions = {}, text = \"a\" }"),
        "stands beside `text`",
    );
    check(
        &case("expect = { fails = \"a\", questions = {} }"),
        "stands beside `questions`",
    );
    check(
        &case("expect.refused = [\"nonsense\"]"),
        "is nothing a plugin can try",
    );
    check(
        &case("expect.used = \"clock\""),
        "is a string, expected a list",
    );
    check(
        &case("expect.value = { a = { absent = false } }"),
        "has `absent = false`",
    );
    check(
        &case("expect.value = { a = { absent = true, equals = \"\" } }"),
        "is not known",
    );
    check(
        &case("budget = { fuel = 0 }"),
        "is 0, and no call uses nothing",
    );
    check(&case("budget = { memory = 1 }"), "is not known");
    check(&case("resource = \"a\""), "calls several things");
    check(
        &case("[[case.step]]\ntool = \"t\""),
        "stands beside `[[case.step]]`",
    );
    let complete = |lines: &str| format!("[[case]]\nname = \"a\"\ncomplete = {{ {lines} }}");
    check(
        &complete("argument = \"a\""),
        "completes nothing or several",
    );
    check(
        &complete("prompt = \"p\", template = \"t\", argument = \"a\""),
        "completes nothing or several",
    );
    check(&complete("prompt = \"p\""), "has no `argument`");
    check(&complete("promt = \"p\""), "did you mean `prompt`?");
    check(
        &format!(
            "{}\narguments = {{}}",
            complete("prompt = \"p\", argument = \"a\"")
        ),
        "stands beside `complete`",
    );
    check(&case("arguments = []"), "is a list, expected a table");
    check(&case("answers = 1"), "is neither a list nor a table");
    check("[[case]]\ntool = \"t\"", "has no `name`");
    check(
        "[[case]]\nname = \"?!\"\ntool = \"t\"",
        "has no letter in it",
    );
    check("[[case]]\nname = \"a\"", "calls nothing");
    check("[[case]]\nname = \"a\"\nstep = []", "has no step");
    check(
        "[[case]]\nname = \"a\"\nresource = \"a\"\narguments = {}",
        "stands beside `resource`",
    );
    check(
        "[[case]]\nname = \"a\"\nprompt = \"a\"\narguments = { n = 1 }",
        "expected a string",
    );
    check(
        "[[case]]\nname = \"a\"\nprompt = \"a\"\nexpect = { error = true }",
        "only a tool's answer can be",
    );
    check(
        &format!("{}{}", case(""), case("").replace("\"a\"", "\"A!\"")),
        "has the same name as the case on line 1",
    );
    check("[allow]\nnetwork = [\"*.com\"]", "covers a whole");
    check("[allow]\nstorage = [\"disk\"]", "is not a kind of storage");
    check("[allow]\nsystem = [\"clock\"]", "every plugin has a clock");
    check("withhold = [\"env:A\"]", "only `clock` and `random`");
    check("[limits]\nfule = 1", "did you mean `fuel`?");
    check("[limits]\nfuel = 0", "limit `fuel` is 0");
    check(
        "[environment]\n\"A B\" = \"\"",
        "does not name an environment variable",
    );
    check(
        "[secrets]\nkey = { host = \"a.b\", header = \"x\" }",
        "has no `value`",
    );
    check(
        "[secrets]\nkey = { value = \"x\", host = \"a.b\" }",
        "is bound by half",
    );
    check("[secrets]\n\"A B\" = \"x\"", "is not a name");
    check(
        "[directories.docs]\nfiles = { \"../a\" = \"x\" }",
        "does not stay in its folder",
    );
    check(
        "[directories.docs]\nfiles = { \"/a\" = \"x\" }",
        "does not stay in its folder",
    );
    check("[key-value]\n\"\" = \"x\"", "a key that no store takes");
    check("[key-value]\na = 1", "expected a string");
    check("[clock]\nnow = 2026-01-02", "write date, time and offset");
    check(
        "[clock]\nnow = \"2026-01-02T03:04:05Z\"",
        "expected a date with a time",
    );
    check("[clock]\nnow = 1969-01-02T03:04:05Z", "is before 1970");
    check("[random]\nseed = -1", "is out of range");
    check("[[http]]\nbody = \"a\"", "has no `request`");
    check(
        "[[http]]\nrequest = \"ftp://a.b/\"",
        "scheme that is not served",
    );
    check(
        "[[http]]\nrequest = \"https://a.b/\"\nstatus = 99",
        "is no status",
    );
    check(
        "[[http]]\nrequest = \"https://a.b/\"\nheaders = { \"a b\" = \"x\" }",
        "is not the name of a header",
    );
    check(
        "[[http]]\nrequest = \"https://a.b/\"\nheaders = { a = \"x\\ny\" }",
        "cannot stand in a header",
    );
    check(
        "[[http]]\nrequest = \"https://a.b/\"\nbody = \"a\"\njson = 1",
        "has several bodies",
    );
    check(
        "[[http]]\nrequest = \"https://a.b/\"\nbody-file = \"none\"",
        "`tests/none` cannot be read",
    );
    for expect in [
        "text = { contains = [] }",
        "text = { contains = \"\" }",
        "text = { contains = [\"a\", \"\"] }",
        "text = { lacks = [] }",
        "text = { matches = \"\" }",
        "fails = \"\"",
        "log = { lacks = [] }",
        "value = { a = { contains = \"\" } }",
    ] {
        check(
            &case(&format!("expect = {{ {expect} }}")),
            "every text has that in it",
        );
    }
    for word in ["$contains", "$matches"] {
        check(
            &case(&format!(
                "expect = {{ json = {{ a = {{ \"{word}\" = \"\" }} }} }}"
            )),
            "which every text fits",
        );
    }
    for key in ["json", "questions"] {
        check(
            &case(&format!("expect = {{ {key} = {{ \"$absent\" = true }} }}")),
            "which can never hold here",
        );
    }
    check(
        &case("expect.used = [\"env:A\", \"clock\"]"),
        "names `clock`, whose use is not noted",
    );
    check("[[case]", "is not TOML");
}

#[test]
fn names_that_differ_late_are_told_from_names_that_are_the_same() {
    let file = |first: &str, second: &str| {
        let case = |name: &str| format!("[[case]]\nname = \"{name}\"\ntool = \"t\"\n");
        let text = format!("{}{}", case(first), case(second));
        let error = CaseFile::parse(&text, Path::new("tests/a.toml")).unwrap_err();
        error.to_string()
    };
    let long = "a".repeat(SLUG_CHARS_MAX);
    let late = file(&format!("{long} one"), &format!("{long} two"));
    assert!(late.contains("whose first 60 characters"), "{late}");
    let same = file(&format!("{long} one"), &format!("{long} One!"));
    assert!(same.contains("has the same name"), "{same}");
}

#[test]
fn a_name_becomes_a_file_s_name_that_leads_nowhere_else() {
    let check = |name: &str, expected: &str| assert_eq!(slug(name), expected);
    check("Greets by name", "greets-by-name");
    check("  ../../etc/passwd ", "etc-passwd");
    check("grüßt – schön!", "grüßt-schön");
    check("?!", "");
    assert_eq!(slug(&"a".repeat(100)).len(), SLUG_CHARS_MAX);
}
