//! Each key of a case file has a case that passes with it, and one that fails with the right words.

use super::{plugin, report};
use crate::support::program::Home;

/// A case's lines, and the words it fails with; nothing where it passes.
type Row<'r> = (&'r str, Option<&'r str>);

/// Plays the rows with a plugin of their own.
#[track_caller]
fn check(guest: &str, common: &str, rows: &[Row<'_>]) {
    check_in(&plugin(guest), common, rows);
}

/// Plays each row as a case of its own in one file, and holds what came of it against what is expected.
#[track_caller]
fn check_in(home: &Home, common: &str, rows: &[Row<'_>]) {
    let mut file = common.to_owned();
    for (n, (lines, _)) in rows.iter().enumerate() {
        file.push_str(&format!("\n[[case]]\nname = \"case {n}\"\n{lines}\n"));
    }
    home.write("p/tests/a.toml", file);
    let report = report(home, &["--strict-time"]);
    let cases = report["cases"].as_array().expect("there are cases");
    assert_eq!(cases.len(), rows.len(), "{report:#}");
    for (case, (lines, expected)) in cases.iter().zip(rows) {
        let complaints = case["complaints"].to_string();
        match expected {
            None => assert_eq!(case["passed"], true, "{lines}\n{complaints}"),
            Some(words) => assert!(
                case["passed"] == false && complaints.contains(words),
                "{lines}\nexpected {words}\n{complaints}"
            ),
        }
    }
}

#[test]
fn what_is_called_and_what_is_expected_of_the_answer() {
    let echo = |expect: &str| {
        format!("tool = \"echo\"\narguments = {{ text = \"[1, 2]\" }}\nexpect = {expect}")
    };
    let rows: Vec<(String, Option<&str>)> = vec![
        (echo("\"[1, 2]\""), None),
        (echo("\"[1]\""), Some("the text: is another")),
        (echo("{ text = \"[1, 2]\" }"), None),
        (echo("{ text = { equals = \"x\" } }"), Some("the text: is another")),
        (echo("{ text = { contains = [\"1\", \"2\"] } }"), None),
        (echo("{ text = { contains = [\"1\", \"3\"] } }"), Some("does not contain")),
        (echo("{ text = { lacks = \"3\" } }"), None),
        (echo("{ text = { lacks = \"2\" } }"), Some("and should not")),
        (echo("{ text = { matches = '^\\[' } }"), None),
        (echo("{ text = { matches = '^x' } }"), Some("does not match `^x`")),
        (echo("{ json = [1, 2] }"), None),
        (echo("{ json = [1, { \"$type\" = \"string\" }] }"), Some("`/1` is 2, which is no string")),
        (echo("{ error = true }"), Some("the tool should say no")),
        (echo("{ fails = \"x\" }"), Some("the call should fail")),
        (echo("{ questions = {} }"), Some("the call should ask")),
        (echo("{ used = [\"env:GREETING\"] }"), Some("`env:GREETING` is not used")),
        (echo("{ refused = [\"env:GREETING\"] }"), Some("`env:GREETING` is not refused")),
        (echo("{ log = { contains = \"x\" } }"), Some("the log: does not contain")),
        ("tool = \"ecko\"".into(), Some("did you mean `echo`?")),
        ("prompt = \"great\"".into(), Some("did you mean `greet`?")),
        ("resource = \"echo://hello\"\nexpect = \"hello\"".into(), None),
        ("resource = \"echo://say/hi\"\nexpect = \"ho\"".into(), Some("the text: is another")),
        ("prompt = \"greet\"\narguments = { name = \"Ada\" }\nexpect = { text = \"Hello Ada\", json = { messages = [{ role = \"user\" }] } }".into(), None),
        ("prompt = \"greet\"\narguments = { name = \"Ada\" }\nexpect = { json = { messages = [] } }".into(), Some("`/messages` has 1 items")),
        ("complete = { prompt = \"greet\", argument = \"name\", value = \"A\" }\nexpect = { text = \"Ada\\nAlan\", json = { values = [\"Ada\", \"Alan\"], total = 2, hasMore = false } }".into(), None),
        ("complete = { template = \"echo://say/{word}\", argument = \"word\", others = { x = \"y\" } }\nexpect = \"Ada\"".into(), Some("the text: is another")),
        ("complete = { prompt = \"great\", argument = \"name\" }".into(), Some("did you mean `greet`?")),
        ("complete = { template = \"echo://shout/{word}\", argument = \"word\" }\nexpect = { fails = \"echo://shout\" }".into(), None),
        ("resource = \"echo://hello\"\nbudget = { fuel = 100_000_000, memory_bytes = 100_000_000, call_ms = 60_000 }".into(), None),
        ("resource = \"echo://hello\"\nbudget = { fuel = 1 }".into(), Some("and the budget is 1")),
        ("resource = \"echo://hello\"\nbudget = { memory_bytes = 1 }".into(), Some("`memory_bytes` is ")),
        ("resource = \"echo://hello\"\nlimits = { fuel = 1_000_000_000 }".into(), None),
        ("resource = \"echo://hello\"\nlimits = { fuel = 10 }".into(), Some("fuel")),
        ("resource = \"elsewhere://x\"\nexpect = { fails = \"elsewhere\" }".into(), None),
        ("resource = \"elsewhere://x\"".into(), Some("there is no answer")),
        ("resource = \"elsewhere://x\"\nexpect = { fails = { matches = \"^nothing$\" } }".into(), Some("the failure: does not match")),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    check("echo", "", &rows);
}

#[test]
fn what_is_printed_is_the_log() {
    let print = "tool = \"prints\"\nexpect.log.contains = ";
    check(
        "prints",
        "",
        &[
            (
                &format!("{print}[\"a line for stdout\", \"a line for stderr\"]"),
                None,
            ),
            (
                &format!("{print}\"another\""),
                Some("the log: does not contain"),
            ),
        ],
    );
}

#[test]
fn what_a_tool_refuses_is_a_no() {
    check(
        "refuses",
        "",
        &[
            ("tool = \"refuse\"\nexpect = { error = true }", None),
            ("tool = \"refuse\"", Some("the tool says no")),
        ],
    );
}

#[test]
fn what_the_plugin_finds_around_it_is_what_the_case_says() {
    let expect = |conditions: &str, pattern: &str| {
        format!("tool = \"surroundings\"\n{conditions}\nexpect = {{ json = {pattern} }}")
    };
    let greeting = "environment = { GREETING = \"hello\" }";
    let none = "allow = { system = [] }\nenvironment = { GREETING = \"hello\" }";
    let noon = "clock = { now = 2026-01-02T03:04:05Z }";
    let seed = "random = { seed = 7 }";
    let any = "{}";
    let rows = [
        (
            expect(greeting, "{ variables = { GREETING = \"hello\" } }"),
            None,
        ),
        (
            expect(greeting, "{ variables = { GREETING = \"ho\" } }"),
            Some("`/variables/GREETING` is \\\"hello\\\""),
        ),
        (
            expect(
                none,
                "{ variables = { GREETING = { \"$absent\" = true } } }, refused = [\"env:GREETING\"]",
            ),
            None,
        ),
        (
            expect(
                "config = { unit = \"celsius\" }",
                "{ settings = { unit = \"celsius\" } }",
            ),
            None,
        ),
        (expect("config = { colour = 1 }", any), None),
        (
            expect(
                "secrets = { token = \"hunter22hunter\" }",
                "{ settings = { token = \"[secret token]\" } }",
            ),
            None,
        ),
        (
            expect(
                any_secret(),
                "{ settings = { token = { \"$absent\" = true } } }",
            ),
            None,
        ),
        (expect(noon, "{ time = [1767323045, 0] }"), None),
        (
            expect(noon, "{ time = [1767323046, 0] }"),
            Some("`/time/0` is 1767323045"),
        ),
        (expect(seed, "{ bytes = { \"$length\" = 16 } }"), None),
        (
            expect(
                "withhold = [\"clock\", \"random\"]",
                "{ time = { \"$length\" = 2 } }, refused = [\"clock\", \"random\"]",
            ),
            None,
        ),
    ];
    // A setting of the wrong type is refused when the plugin is set on the stage.
    let wrong = expect("config = { unit = 1 }", any);
    let mut rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    rows.push((&wrong, Some("settings do not fit")));
    check(
        "surroundings",
        "[allow]\nsystem = [\"env:GREETING\"]\n",
        &rows,
    );
}

/// A secret that is bound to a host, which the plugin never sees.
fn any_secret() -> &'static str {
    "secrets = { token = { value = \"hunter22hunter\", host = \"api.example.com\", header = \"authorization\", prefix = \"Bearer \" } }"
}

#[test]
fn values_are_there_before_and_looked_at_afterwards() {
    let with = |conditions: &str, call: &str, expect: &str| {
        format!("tool = \"keeps\"\narguments = {{ {call} }}\n{conditions}\nexpect = {{ {expect} }}")
    };
    let get = "do = \"get\", key = \"a\"";
    let set = "do = \"set\", key = \"b\", value = \"2\"";
    let none = "allow = { storage = [] }";
    let rows = [
        (
            with(
                "",
                get,
                "json = { ok = \"1\" }, used = [\"storage key-value\"]",
            ),
            None,
        ),
        (
            with(
                "key-value = { a = \"other\" }",
                get,
                "json = { ok = \"other\" }",
            ),
            None,
        ),
        (
            with("", get, "json = { ok = \"2\" }"),
            Some("`/ok` is \\\"1\\\""),
        ),
        (
            with(
                none,
                get,
                "json = { error = \"not-granted\" }, refused = [\"storage key-value\"]",
            ),
            None,
        ),
        (
            with(none, get, "json = { error = \"not-granted\" }"),
            Some("`storage key-value` is refused"),
        ),
        (
            with("", get, "refused = [\"storage key-value\"]"),
            Some("`storage key-value` is not refused"),
        ),
        (
            with(
                none,
                get,
                "used = [\"storage key-value\"], refused = [\"storage key-value\"]",
            ),
            Some("`storage key-value` is not used"),
        ),
        (
            with(
                "",
                set,
                "value = { a = \"1\", b = { contains = \"2\" }, c = { absent = true } }",
            ),
            None,
        ),
        (
            with("", set, "value = { b = \"3\" }"),
            Some("the value of `b`: is another"),
        ),
        (
            with("", set, "value = { c = \"3\" }"),
            Some("the value of `c` is not there"),
        ),
        (
            with("", set, "value = { b = { absent = true } }"),
            Some("and there should be none"),
        ),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    check(
        "keeps",
        "[allow]\nstorage = [\"key-value\"]\n[key-value]\na = \"1\"\n",
        &rows,
    );
}

#[test]
fn the_steps_of_a_case_share_a_stage_and_two_cases_share_none() {
    let step = |call: &str, expected: &str| {
        format!(
            "[[case.step]]\ntool = \"keeps\"\narguments = {{ {call} }}\nexpect = {{ json = {{ ok = {expected} }} }}\n"
        )
    };
    let set = step(
        "do = \"set\", key = \"a\", value = \"1\"",
        "{ \"$type\" = \"null\" }",
    );
    let there = step("do = \"get\", key = \"a\"", "\"1\"");
    let gone = step("do = \"get\", key = \"a\"", "{ \"$type\" = \"null\" }");
    check(
        "keeps",
        "[allow]\nstorage = [\"key-value\"]\n",
        &[
            (&format!("{set}{there}"), None),
            (&gone, None),
            (&format!("{set}{gone}"), Some("\"step\":2")),
        ],
    );
}

#[test]
fn requests_are_answered_from_the_case_or_refused() {
    let with = |url: &str, exchange: &str, expect: &str| {
        format!(
            "tool = \"http\"\narguments = {{ url = \"{url}\" }}\n{exchange}\n[case.expect]\n{expect}"
        )
    };
    let answered = |lines: &str| {
        format!("[[case.http]]\nrequest = \"GET https://api.example.com/a?b=1\"\n{lines}")
    };
    let url = "https://api.example.com/a?b=1";
    let ok = |body: &str| format!("json = {{ status = 200, body = {body} }}");
    let rows = [
        (with(url, "", &ok("\"file\"")), None),
        (
            with(url, &answered("body = \"case\""), &ok("\"case\"")),
            None,
        ),
        (
            with(url, &answered("json = { a = [1] }"), &ok("'{\"a\":[1]}'")),
            None,
        ),
        (
            with(
                url,
                &answered("body-file = \"body.txt\""),
                &ok("\"from a file\""),
            ),
            None,
        ),
        (
            with(url, &answered("status = 404"), "json = { status = 404 }"),
            None,
        ),
        (
            with(
                url,
                &answered("status = 302\nheaders = { location = \"/x\" }"),
                "json = { location = \"/x\" }",
            ),
            None,
        ),
        (
            with(url, &answered("request-body = \"x\""), &ok("\"file\"")),
            None,
        ),
        (
            with(url, &answered("status = 404"), &ok("\"\"")),
            Some("`/status` is 404"),
        ),
        (
            with(
                "https://api.example.com/other",
                "",
                "json = { error = { \"$type\" = \"string\" } }",
            ),
            Some("no exchange fits"),
        ),
        (
            with(
                "https://evil.example/",
                "",
                "refused = [\"GET https://evil.example/\"]",
            ),
            None,
        ),
        (
            with("https://evil.example/", "", ""),
            Some("`GET https://evil.example/` is refused"),
        ),
        (
            with(url, "", "used = [\"GET https://api.example.com/a\"]"),
            None,
        ),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    let common = "[allow]\nnetwork = [\"api.example.com\"]\n[[http]]\nrequest = \"GET https://api.example.com/a?b=1\"\nbody = \"file\"\n";
    let home = plugin("http");
    home.write("p/tests/body.txt", "from a file");
    check_in(&home, common, &rows);
}

#[test]
fn folders_are_made_for_a_case_and_written_to_only_where_it_says_so() {
    let with = |folder: &str, step: &str, expect: &str| {
        format!(
            "tool = \"run\"\narguments = {{ steps = [{step}] }}\n[case.directories.docs]\n{folder}\n[case.expect]\n{expect}"
        )
    };
    let files = "files = { \"deep/a.txt\" = \"one\" }";
    let write = "[\"write\", \"/directories/docs/b.txt\", \"x\"]";
    let read = "[\"read\", \"/directories/docs/deep/a.txt\"]";
    let writable = format!("{files}\nwrite = true");
    let rows = [
        (with(files, read, "text = { contains = \"one\" }"), None),
        (
            with(files, read, "text = { contains = \"two\" }"),
            Some("does not contain"),
        ),
        (
            with(&writable, write, "text = { lacks = \"read-only\" }"),
            None,
        ),
        (
            with(
                files,
                write,
                "text = { matches = \"read-only|not-permitted|permission|access\" }",
            ),
            None,
        ),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    check("files", "[allow]\nstorage = [\"directories\"]\n", &rows);
}

#[test]
fn questions_are_answered_in_order_or_by_their_keys_or_expected() {
    let ask =
        |more: &str| format!("tool = \"interrogates\"\narguments = {{ ask = \"form\" }}\n{more}");
    let rows = [
        (
            ask("answers = [{ name = \"Ada\" }]\nexpect = { text = { contains = \"Ada\" } }"),
            None,
        ),
        (
            ask("answers = { name = \"decline\" }\nexpect = \"name: declined\""),
            None,
        ),
        (
            ask("answers = { other = \"decline\" }"),
            Some("the case has no answer"),
        ),
        (
            ask("answers = [\"cancel\"]\nexpect = \"name: declined\""),
            Some("the text: is another"),
        ),
        (
            ask(
                "expect = { questions = { name = { params = { message = \"What is your name?\" } } } }",
            ),
            None,
        ),
        (
            ask("expect = { questions = { page = { \"$any\" = true } } }"),
            Some("`/page` is missing"),
        ),
        (ask(""), Some("the plugin asks")),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    check("interrogates", "", &rows);
}

/// A case of the plugin that sends requests nobody asked for.
fn calls_home(setting: &str, more: &str) -> String {
    format!("tool = \"calls_home\"\nconfig = {{ {setting} = \"https://evil.example/x\" }}\n{more}")
}

#[test]
fn what_a_plugin_tries_before_its_first_call_and_after_its_last_is_judged_as_well() {
    let evil = "expect = { refused = [\"GET https://evil.example/x\"] }";
    let allowed = "allow = { network = [\"evil.example\"] }";
    let answered = format!("{allowed}\nhttp = [{{ request = \"GET https://evil.example/x\" }}]");
    let used = "expect = { used = [\"GET https://evil.example/x\"] }";
    let mut rows = Vec::new();
    for (setting, when) in [
        ("start", "while the plugin starts"),
        ("list", "while the plugin starts"),
        ("end", "while the plugin ends"),
    ] {
        let refused = format!("`GET https://evil.example/x` is refused {when}");
        let unmatched = format!("{when}: no exchange fits");
        rows.push((calls_home(setting, ""), Some(refused)));
        rows.push((calls_home(setting, allowed), Some(unmatched)));
        rows.push((calls_home(setting, &answered), None));
        if setting != "end" {
            rows.push((calls_home(setting, evil), None));
            rows.push((calls_home(setting, &format!("{answered}\n{used}")), None));
        }
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), words.as_deref()))
        .collect();
    check("calls_home", "", &rows);
}

#[test]
fn a_plugin_that_does_not_start_passes_for_no_more_than_that() {
    let first = "tool = \"needs_a_grant\"\nexpect = ";
    let fails = "fails = \"does not start\"";
    let refused = "refused = [\"storage key-value\"]";
    let rows = [
        (format!("{first}{{ {fails}, {refused} }}"), None),
        (
            format!("{first}{{ {fails} }}"),
            Some("`storage key-value` is refused while the plugin starts"),
        ),
        (
            format!("{first}{{ {fails}, {refused}, used = [\"env:GREETING\"] }}"),
            Some("`env:GREETING` is not used"),
        ),
        (
            format!("{first}{{ {fails}, {refused}, log = {{ contains = \"all is well\" }} }}"),
            Some("the log: does not contain"),
        ),
        (
            format!("{first}{{ {fails}, {refused}, value = {{ a = \"1\" }} }}"),
            Some("the value of `a` cannot be looked at"),
        ),
        (
            format!("{first}{{ {fails}, {refused} }}\nbudget = {{ fuel = 1 }}"),
            Some("nothing can be held against `budget`"),
        ),
        (
            format!("{first}{{ {refused} }}"),
            Some("the plugin does not start"),
        ),
        (
            format!(
                "[[case.step]]\n{first}{{ {fails}, {refused} }}\n[[case.step]]\ntool = \"needs_a_grant\""
            ),
            Some("it is never played"),
        ),
        // The case's own mistake is no failure of the plugin.
        (
            format!("secrets = {{ token = \"\" }}\n{first}{{ fails = \"empty\" }}"),
            Some("it is empty"),
        ),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(lines, words)| (lines.as_str(), *words))
        .collect();
    check("needs_a_grant", "", &rows);
}

#[test]
fn what_could_not_be_recorded_is_played_all_the_same() {
    let secret = "[case.secrets.token]\nvalue = \"hunter22hunter\"\nhost = \"api.example.com\"\nheader = \"authorization\"";
    let packed = "[[case.http]]\nrequest = \"GET https://api.example.com/\"\nheaders = { content-encoding = \"gzip\" }\nbody = \"packed\"";
    let call = "tool = \"http\"\narguments = { url = \"https://api.example.com/\" }";
    let row = format!("{call}\n{secret}\n{packed}\n[case.expect]\njson = {{ body = \"packed\" }}");
    check(
        "http",
        "[allow]\nnetwork = [\"api.example.com\"]\n",
        &[(&row, None)],
    );
}

#[test]
fn a_case_file_s_answer_gives_way_to_the_case_s_however_the_request_is_written() {
    let url = "https://api.example.com/a?b=1&c=2";
    let common = format!(
        "[allow]\nnetwork = [\"api.example.com\"]\n[[http]]\nrequest = \"GET {url}\"\nbody = \"file\"\n"
    );
    let row = format!(
        "tool = \"http\"\narguments = {{ url = \"{url}\", times = 2 }}\n[[case.http]]\n\
         request = \"GET https://api.example.com/a?c=2&b=1\"\nbody = \"case\"\n[case.expect]\n\
         json = [{{ body = \"case\" }}, {{ body = \"case\" }}]"
    );
    check("http", &common, &[(&row, None)]);
}
