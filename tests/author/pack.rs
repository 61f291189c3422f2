//! `portcullis pack`: one file is the whole plugin, and the same contents are the same bytes. With it `bench`, `completions` and
//! `man`, and what every command does to a terminal.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use portcullis::manifest::{self, Embedded};
use portcullis::names::Digest;
use portcullis_fixtures::{guest, guest_path};
use serde_json::{Value, json};

use crate::support::program::{Ended, Home};

const MANIFEST: &str = r#"{
    "$schema": "../plugin.schema.json",
    "name": "weather",
    "version": "1.2.0",
    "description": "Tells the weather.",
    "permissions": { "network": ["api.example.com"] }
}"#;

const SKILL: &str = "---\nname: asking\ndescription: How to ask for the weather.\n---\n# Asking\n";

/// A folder with a plugin that has everything.
fn plugin(home: &Home, folder: &str) {
    home.write(&format!("{folder}/built.wasm"), guest("noop"))
        .write(&format!("{folder}/plugin.json"), MANIFEST)
        .write(&format!("{folder}/README.md"), "# Weather\n")
        .write(&format!("{folder}/LICENSE-MIT"), "MIT text\n")
        .write(&format!("{folder}/LICENSE-APACHE"), "Apache text\n")
        .write(&format!("{folder}/skills/asking/SKILL.md"), SKILL);
}

/// Where the plugin in the folder `one` goes by itself.
const PACKED: &str = "one/dist/weather-1.2.0.wasm";

fn pack(home: &Home, arguments: &[&str]) -> Ended {
    home.run(&[&["pack", "--no-build"], arguments].concat())
}

fn read(home: &Home, name: &str) -> Vec<u8> {
    fs::read(home.path().join(name)).expect("it was written")
}

#[test]
fn the_same_contents_are_the_same_bytes_wherever_they_lie() {
    let home = Home::new();
    plugin(&home, "one");
    plugin(&home, "deep er/zwölf");
    let ended = pack(&home, &["one"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let first = read(&home, PACKED);
    assert_eq!(pack(&home, &["deep er/zwölf", "-o", "ü b.wasm"]).code, 0);
    assert!(read(&home, "ü b.wasm") == first);
    // What is packed already, and spaces in the manifest, change nothing.
    let ended = pack(&home, &[PACKED, "-o", "again.wasm"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(read(&home, "again.wasm") == first);
    let dense: Value = serde_json::from_str(MANIFEST).unwrap();
    home.write("one/plugin.json", dense.to_string());
    assert_eq!(pack(&home, &["one", "-o", "dense.wasm"]).code, 0);
    assert!(read(&home, "dense.wasm") == first);
    // Something that differs does.
    home.write("one/README.md", "# Other\n");
    assert_eq!(pack(&home, &["one", "-o", "other.wasm"]).code, 0);
    assert!(read(&home, "other.wasm") != first);
    let text = String::from_utf8_lossy(&first);
    assert!(!text.contains("deep er") && !text.contains(home.path().to_str().unwrap()));
}

#[test]
fn a_packed_file_alone_is_the_same_plugin() {
    let home = Home::new();
    plugin(&home, "one");
    let ended = pack(&home, &["one", "--json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    let packed = read(&home, PACKED);
    assert_eq!(said["digest"], Digest::of(&packed).to_string());
    assert_eq!(said["bytes"], packed.len());
    let sections: Vec<_> = said["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| section["section"].as_str().unwrap())
        .collect();
    let expected = ["manifest", "skills", "readme", "license"];
    assert_eq!(sections, expected.map(|name| format!("portcullis:{name}")));

    let alone = Home::new();
    alone.write("any name.wasm", &packed);
    let path = alone.path().join("any name.wasm");
    let inside = manifest::load(&path).unwrap();
    let outside = manifest::load(&home.path().join("one")).unwrap();
    assert_eq!(inside.manifest, outside.manifest);
    assert_eq!(inside.skills, outside.skills);
    let carried = Embedded::find(&inside.component).unwrap();
    assert_eq!(carried.readme, Some("# Weather\n"));
    let licence = carried.license.unwrap();
    assert!(licence.contains("MIT text") && licence.contains("Apache text"));

    // Its lists, without the path it comes from.
    let lists = |home: &Home, path: &str| {
        let ended = home.run(&["--plugin", path, "list", "--json"]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let mut all: Value = serde_json::from_str(&ended.stdout).unwrap();
        let found = all["tools"].as_array().unwrap().iter();
        assert!(
            found
                .into_iter()
                .any(|tool| tool["name"] == "weather__noop")
        );
        all["plugins"].take();
        all
    };
    assert_eq!(lists(&alone, "any name.wasm"), lists(&home, "one"));
    let ended = alone.run(&["--plugin", "any name.wasm", "call", "weather__noop"]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn what_was_packed_loads_whatever_is_edited_next() {
    let home = Home::new();
    plugin(&home, "one");
    let pack_here = |arguments: &[&str]| {
        let mut command = home.command();
        command.args(arguments).current_dir(home.path().join("one"));
        let ended = Ended::of(command.stdin(Stdio::null()).output().unwrap());
        assert_eq!(ended.code, 0, "{ended:?}");
        ended
    };
    let ended = pack_here(&["pack", "--no-build"]);
    let next = "portcullis validate dist/weather-1.2.0.wasm\n";
    assert!(ended.stdout.contains(next), "{ended:?}");
    home.write("one/plugin.json", MANIFEST.replace("1.2.0", "1.3.0"))
        .write("one/skills/asking/SKILL.md", SKILL.replace("# A", "# B"));
    let ended = home.run(&["inspect", PACKED]);
    assert_eq!(ended.code, 0, "{ended:?}");
    // Both are in one folder, and neither is in the way of the other or of the one that was built.
    pack_here(&["pack", "--no-build"]);
    let ended = home.run(&["inspect", "one/dist/weather-1.3.0.wasm"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    // A component alone has no folder of its own.
    home.write("elsewhere/a.wasm", guest("noop"));
    let ended = pack(&home, &["elsewhere/a.wasm"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(home.path().join("dist/a-0.0.0.wasm").is_file(), "{ended:?}");
    // What is in the place of the folder is named.
    home.write("two/dist", "a file")
        .write("two/plugin.json", MANIFEST)
        .write("two/built.wasm", guest("noop"));
    let ended = pack(&home, &["two"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("cannot make `two/dist`"), "{ended:?}");
}

#[test]
fn what_is_inside_already_is_not_put_in_twice_and_must_be_the_same() {
    let home = Home::new();
    plugin(&home, "one");
    assert_eq!(pack(&home, &["one"]).code, 0);
    let packed = read(&home, PACKED);
    plugin(&home, "two");
    home.write("two/built.wasm", &packed);
    assert_eq!(pack(&home, &["two", "-o", "same.wasm"]).code, 0);
    assert!(read(&home, "same.wasm") == packed);
    let check = |file: &str, text: &str, words: &str| {
        let home = Home::new();
        plugin(&home, "two");
        home.write("two/built.wasm", &packed).write(file, text);
        let ended = pack(&home, &["two"]);
        assert_eq!(ended.code, 4, "{file}: {ended:?}");
        assert!(ended.stderr.contains(words), "{file}: {ended:?}");
        assert!(!home.path().join("two/dist").exists());
    };
    let other = MANIFEST.replace("1.2.0", "1.2.1");
    check("two/plugin.json", &other, "key `version` differs");
    check("two/README.md", "other", "README.md` differs");
    check("two/LICENSE-MIT", "other", "differs from the licence");
    let skill = SKILL.replace("# Asking", "# Stealing");
    check("two/skills/asking/SKILL.md", &skill, "asking/SKILL.md");
}

#[test]
fn another_file_is_replaced_with_force_alone() {
    let home = Home::new();
    plugin(&home, "one");
    home.write(PACKED, "somebody's");
    let ended = pack(&home, &["one"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("--force"), "{ended:?}");
    assert_eq!(read(&home, PACKED), b"somebody's");
    assert_eq!(pack(&home, &["one", "--force"]).code, 0);
    assert!(read(&home, PACKED) != b"somebody's");
    let ended = pack(&home, &["one"]);
    assert_eq!(ended.code, 0, "the same file is no other: {ended:?}");
    assert!(ended.stdout.contains("already packed"), "{ended:?}");
    let left: Vec<_> = fs::read_dir(home.path().join("one/dist"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with(".portcullis-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_cannot_be_packed_gets_a_sentence_and_leaves_nothing() {
    let check = |prepare: &dyn Fn(&Home), arguments: &[&str], code: i32, words: &str| {
        let home = Home::new();
        plugin(&home, "one");
        prepare(&home);
        let ended = pack(&home, arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.starts_with("error: "), "{ended:?}");
        assert!(!home.path().join("one/dist").exists());
    };
    check(&|_| (), &["gone"], 4, "gone");
    check(
        &|_| (),
        &["one", "-o", "no/such/folder.wasm"],
        4,
        "make its folder first",
    );
    check(&|_| (), &["one", "-o", "file.txt"], 2, "`.wasm`");
    check(
        &|_| (),
        &["one", "-o", "one/"],
        4,
        "`--output` with another folder",
    );
    check(
        &|home| _ = home.write("one/README.md", b"\xff"),
        &["one"],
        4,
        "README.md` is not UTF-8",
    );
    check(
        &|home| _ = home.write("one/README.md", vec![b'x'; 300_000]),
        &["one"],
        4,
        "README.md` brings more",
    );
    check(
        &|home| _ = home.write("one/built.wasm", guest("wrong_world")),
        &["one"],
        4,
        "stranger:power/danger",
    );
    check(
        &|home| _ = home.write("one/built.wasm", &guest("noop")[..1_000]),
        &["one"],
        4,
        "is not a component",
    );
}

#[test]
fn without_a_build_the_plugin_of_a_folder_is_found_as_well() {
    let home = Home::new();
    plugin(&home, "one");
    let ended = home.run(&["pack", "one"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let ended = home.run(&["pack", "empty"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("there is no plugin"), "{ended:?}");
}

/// A component with one more custom section at its end.
fn with_section(component: &[u8], name: &str, data: &[u8]) -> Vec<u8> {
    portcullis::project::with_sections(component, &[(name, data)])
}

#[test]
fn debug_information_of_modules_is_left_out_unless_it_is_wanted() {
    let home = Home::new();
    // The `name` section of a module that nothing uses, in a component around nothing else.
    let noop = guest("noop");
    let module = with_section(b"\0asm\x01\0\0\0", ".debug_info", b"line tables");
    let mut component = noop.to_vec();
    component.push(1);
    component.push(u8::try_from(module.len()).unwrap());
    component.extend(&module);
    home.write("a.wasm", &component);
    assert_eq!(pack(&home, &["a.wasm", "-o", "bare.wasm"]).code, 0);
    let ended = pack(&home, &["a.wasm", "-o", "full.wasm", "--keep-debug"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let has = |file: &str| read(&home, file).windows(11).any(|it| it == b"line tables");
    assert!(!has("bare.wasm"));
    assert!(has("full.wasm"));
    let left_out = |more: &[&str]| {
        let arguments = [&["a.wasm", "-o", "json.wasm", "--force", "--json"], more];
        let ended = pack(&home, &arguments.concat());
        let said: Value = serde_json::from_str(&ended.stdout).unwrap();
        said["strippedBytes"].as_u64().unwrap()
    };
    assert!(left_out(&[]) >= 11);
    assert_eq!(left_out(&["--keep-debug"]), 0);
}

#[test]
fn a_readme_of_a_stranger_is_shown_without_what_a_terminal_obeys() {
    let home = Home::new();
    let text = "# Hello \u{1b}]0;owned\u{7} \u{202e}evil\nsecond line\n";
    let component = with_section(guest("noop"), "portcullis:readme", text.as_bytes());
    home.write("a.wasm", &component);
    let ended = home.run(&["inspect", "a.wasm", "--readme"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("# Hello") && ended.stdout.contains("\nsecond line"));
    assert!(
        !ended.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "{ended:?}"
    );
    let ended = home.run(&["inspect", "a.wasm"]);
    let carries = format!("README ({} bytes)", text.len());
    assert!(ended.stdout.contains(&carries), "{ended:?}");
    let ended = home.run(&["inspect", "a.wasm", "--license"]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.stderr.contains("carries no licence"), "{ended:?}");
}

#[test]
fn hostile_texts_keep_a_component_from_being_loaded_by_name() {
    let check = |sections: &[(&str, &[u8])], words: Option<&str>| {
        let home = Home::new();
        let component = portcullis::project::with_sections(guest("noop"), sections);
        home.write("a.wasm", component);
        let ended = home.run(&["inspect", "a.wasm"]);
        assert_eq!(ended.code, if words.is_some() { 4 } else { 0 }, "{ended:?}");
        assert!(
            ended.stderr.contains(words.unwrap_or_default()),
            "{ended:?}"
        );
    };
    let long = vec![b'x'; 300_000];
    check(&[("portcullis:readme", b"fine")], None);
    check(
        &[("portcullis:readme", b"\xff")],
        Some("`of section portcullis:readme`: is not UTF-8"),
    );
    check(
        &[("portcullis:license", &long)],
        Some("`of section portcullis:license`: has 300000 bytes"),
    );
    check(
        &[("portcullis:readme", b"a"), ("portcullis:readme", b"b")],
        Some("twice and differs"),
    );
}

const ADD: [&str; 3] = ["bench", "add", r#"{"a": 2, "b": 3}"#];

fn bench(home: &Home, more: &[&str]) -> Ended {
    home.run(&[&ADD[..], &["--calls", "30", "--warm-up", "2"], more].concat())
}

#[test]
fn a_tool_is_measured_and_held_against_what_it_was() {
    let home = Home::new();
    let ended = bench(&home, &["--save", "was.json", "--json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    let measured = &said["measured"];
    assert_eq!(measured["tool"], "calculator__add");
    assert_eq!(measured["calls"], 30);
    // It differs a little, since maps hash from a random beginning.
    let fuel = |which: &str| measured["fuel"][which].as_f64().unwrap();
    assert!(fuel("min") > 0.0 && fuel("min") <= fuel("median"));
    assert!(fuel("max") <= 1.05 * fuel("min"), "{measured}");
    assert!(measured["memoryBytes"]["max"].as_u64().unwrap() > 0);
    assert!(measured["latency"]["p50Ns"].as_u64() <= measured["latency"]["p99Ns"].as_u64());
    assert_eq!(measured["reference"]["tool"], "calculator__add");
    let kept: Value = serde_json::from_slice(&read(&home, "was.json")).unwrap();
    assert_eq!(&kept, measured);

    let ended = bench(&home, &["--baseline", "was.json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for word in [
        "p50",
        "p99",
        "fuel",
        "memory",
        "cpu",
        "reference",
        "good",
        " %)",
    ] {
        assert!(ended.stdout.contains(word), "{word}: {ended:?}");
    }

    // A baseline that needed less.
    let mut less = kept.clone();
    let fuel = kept["fuel"]["median"].as_u64().unwrap() / 2;
    less["fuel"] = json!({ "min": fuel, "median": fuel, "max": fuel });
    home.write("less.json", less.to_string());
    let ended = bench(&home, &["--baseline", "less.json", "--save", "less.json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("too much"), "{ended:?}");
    assert_eq!(read(&home, "less.json"), less.to_string().into_bytes());
    let ended = bench(&home, &["--baseline", "less.json", "--threshold", "150"]);
    assert_eq!(ended.code, 0, "{ended:?}");

    // Time alone, which no machine can meet: only where it is wished.
    let mut fast = kept.clone();
    fast["reference"]["latency"]["p50Ns"] = json!(u64::MAX / 4);
    home.write("fast.json", fast.to_string());
    let ended = bench(&home, &["--baseline", "fast.json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("not counted"), "{ended:?}");
    assert_eq!(
        bench(&home, &["--baseline", "fast.json", "--fail-on-time"]).code,
        1
    );
}

#[test]
fn a_baseline_that_is_something_else_is_refused_by_name() {
    let home = Home::new();
    assert_eq!(bench(&home, &["--save", "was.json"]).code, 0);
    let kept = String::from_utf8(read(&home, "was.json")).unwrap();
    let check = |name: &str, text: Option<String>, words: &str| {
        if let Some(text) = text {
            home.write(name, text);
        }
        let ended = bench(&home, &["--baseline", name]);
        assert_eq!(ended.code, 4, "{name}: {ended:?}");
        assert!(
            ended.stderr.contains(name) && ended.stderr.contains(words),
            "{name}: {ended:?}"
        );
    };
    check("gone.json", None, "cannot be read");
    check("text.json", Some("fuel: 3".to_owned()), "is not JSON");
    check(
        "typo.json",
        Some(kept.replace("\"fuel\"", "\"fule\"")),
        "`fule`",
    );
    check(
        "new.json",
        Some(kept.replace("\"version\": 1,", "\"version\": 9,")),
        "version 9",
    );
    check(
        "other.json",
        Some(kept.replace(
            "\"tool\": \"calculator__add\",\n  \"arguments\"",
            "\"tool\": \"a__b\",\n  \"arguments\"",
        )),
        "of the tool `a__b`",
    );
    // Before the calls: so many would take minutes.
    let ended = home.run(&[
        "bench",
        "add",
        r#"{"a": 2, "b": 4}"#,
        "--calls",
        "1000000",
        "--baseline",
        "was.json",
    ]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("for other arguments"), "{ended:?}");
}

#[test]
fn a_tool_that_only_fails_is_worse_than_one_that_works_and_its_figures_are_not_kept() {
    let home = Home::new();
    let divide = |b: u8, more: &[&str]| {
        let arguments = format!("{{\"a\": 1, \"b\": {b}}}");
        home.run(&[&["bench", "divide", &arguments, "--calls", "20"], more].concat())
    };
    assert_eq!(divide(2, &["--save", "was.json"]).code, 0);
    // As if it had been broken since: the same call is an error now.
    let was = String::from_utf8(read(&home, "was.json")).unwrap();
    let was = was.replace("\"b\": 2", "\"b\": 0");
    home.write("was.json", &was);
    let ended = divide(
        0,
        &[
            "--baseline",
            "was.json",
            "--save",
            "was.json",
            "--threshold",
            "1000",
        ],
    );
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("100.0 % of the answers"), "{ended:?}");
    assert_eq!(read(&home, "was.json"), was.into_bytes());
}

#[test]
fn a_tool_that_says_no_is_counted_and_one_that_fails_ends_the_measurement() {
    let home = Home::new();
    let divide = [
        "bench",
        "divide",
        r#"{"a": 1, "b": 0}"#,
        "--calls",
        "5",
        "--json",
    ];
    let ended = home.run(&divide);
    assert_eq!(ended.code, 0, "{ended:?}");
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(said["measured"]["errors"], 5);
    let panics = guest_path("panics").to_str().unwrap();
    let ended = home.run(&[
        "--plugin",
        panics,
        "bench",
        "panics__panics",
        "--calls",
        "5",
    ]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.stderr.contains("this guest panics"), "{ended:?}");
    let ended = home.run(&["bench", "nobody__nothing"]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.stderr.contains("there is no tool"), "{ended:?}");
}

#[test]
fn an_interrupted_measurement_prints_what_it_has() {
    let home = Home::new();
    // Another tool than the reference, so that its own calls are told from that.
    let divide = ["bench", "divide", r#"{"a": 1, "b": 3}"#, "-vv"];
    let child = home
        .command()
        .args([&divide[..], &["--calls", "1000000", "--warm-up", "0"]].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program starts");
    // It says on standard error what every call used, so that it is known to be in the middle.
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut n_calls = 0;
    while n_calls < 3 {
        let mut line = String::new();
        let n = std::io::BufRead::read_line(&mut said, &mut line).unwrap();
        assert_ne!(n, 0, "it ended before it was interrupted");
        n_calls += usize::from(line.contains("divide") && line.contains("fuel"));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    // Whoever does not read keeps it from writing.
    let rest = std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    let ended = child.wait_with_output().unwrap();
    rest.join().unwrap().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let shown = String::from_utf8(ended.stdout).unwrap();
    assert!(shown.contains("p50") && shown.contains("fuel"), "{shown}");
}

#[test]
fn a_shell_understands_its_completions() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = home.run(&["completions", shell]);
        assert_eq!(ended.code, 0, "{shell}: {ended:?}");
        for word in ["inspect", "validate", "keep-debug"] {
            assert!(ended.stdout.contains(word), "{shell} lacks {word}");
        }
    }
    let script = home.run(&["completions", "bash"]).stdout;
    let parses = |script: &str| {
        let mut bash = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash is here");
        let mut stdin = bash.stdin.take().unwrap();
        // Bash may stop reading at the first mistake.
        let _ = stdin.write_all(script.as_bytes());
        drop(stdin);
        bash.wait().unwrap().success()
    };
    assert!(parses(&script));
    assert!(!parses(&format!("{script}\nif then fi(")));
    assert_eq!(home.run(&["completions", "tcsh"]).code, 2);
}

#[test]
fn every_subcommand_has_a_page_with_examples_and_exit_codes() {
    let home = Home::new();
    let ended = home.run(&["man", "ma n"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let mut names = vec!["portcullis".to_owned()];
    let command = portcullis::cli::command();
    let subcommands = command.get_subcommands();
    names.extend(subcommands.map(|command| format!("portcullis-{}", command.get_name())));
    assert!(names.len() > 15, "{names:?}");
    for name in &names {
        let page = home.path().join(format!("ma n/{name}.1"));
        let page = fs::read_to_string(page).unwrap_or_else(|_| panic!("{name} has a page"));
        for word in [".TH", "SYNOPSIS", "EXIT STATUS", "130"] {
            assert!(page.contains(word), "{name} lacks {word}");
        }
    }
    let page = home.run(&["man", "--page", "pack"]).stdout;
    let written = String::from_utf8(read(&home, "ma n/portcullis-pack.1")).unwrap();
    assert_eq!(page, written);
    for word in [
        ".SH EXAMPLES\n.nf",
        "portcullis pack ./weather",
        "keep\\-debug",
    ] {
        assert!(page.contains(word), "{word} is missing in {page}");
    }
    assert_eq!(home.run(&["man", "--page", "nothing"]).code, 2);
    assert!(home.run(&["man"]).stdout.contains(".SH SUBCOMMANDS"));
}

/// Each command with what it says on the stream that people read.
fn said(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = home.command();
    command
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    let ended = Ended::of(command.output().expect("the program starts"));
    ended.stdout + &ended.stderr
}

#[test]
fn colours_are_where_they_are_wanted_and_nowhere_else() {
    let home = Home::new();
    let noop = guest_path("noop").to_str().unwrap();
    let force = ("CLICOLOR_FORCE", "1");
    let check = |arguments: &[&str]| {
        let has = |variables: &[(&str, &str)]| said(&home, arguments, variables).contains('\u{1b}');
        assert!(!has(&[]), "{arguments:?} paints a pipe");
        assert!(has(&[force]), "{arguments:?} knows no CLICOLOR_FORCE");
        assert!(
            !has(&[force, ("NO_COLOR", "1")]),
            "{arguments:?} knows no NO_COLOR"
        );
    };
    check(&["list"]);
    check(&["inspect", noop]);
    check(&["explain", "fetch"]);
    check(&["explain", "fetch", "--attempt", "GET https://example.com/"]);
    check(&["doctor"]);
    check(&["inspect", "nobody"]);
    check(&[
        "--plugin",
        "gone.wasm",
        "call",
        "add",
        r#"{"a": 1, "b": 2}"#,
    ]);
    check(&["-vv", "call", "add", r#"{"a": 1, "b": 2}"#]);
    // What programs read is never painted.
    let json = said(&home, &["list", "--json"], &[force]);
    assert!(!json.contains('\u{1b}'), "{json}");
}

/// A terminal: our end of it, and the one that a program runs in.
pub fn terminal() -> (fs::File, fs::File) {
    use rustix::fs::{Mode, OFlags};
    use rustix::ioctl::{Getter, Setter, ioctl, opcode};

    let open = |path: &str| {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        fs::File::from(rustix::fs::open(path, flags, Mode::empty()).expect("it can be opened"))
    };
    let ours = open("/dev/ptmx");
    // SAFETY: these are the kernel's numbers for unlocking the other end and for asking its number, and both take an `int`.
    let number: u32 = unsafe {
        let unlock = Setter::<{ opcode::write::<i32>(b'T', 0x31) }, i32>::new(0);
        ioctl(&ours, unlock).expect("it can be unlocked");
        let number = Getter::<{ opcode::read::<u32>(b'T', 0x30) }, u32>::new();
        ioctl(&ours, number).expect("it has a number")
    };
    let theirs = open(&format!("/dev/pts/{number}"));
    (ours, theirs)
}

#[test]
fn a_terminal_gets_colours_unless_it_cannot_show_them() {
    use std::io::Read as _;

    let home = Home::new();
    let shown = |term: &str| {
        let (mut ours, theirs) = terminal();
        let mut command = home.command();
        command
            .args(["inspect", "nobody"])
            .env("TERM", term)
            .stdin(Stdio::null())
            .stderr(theirs);
        let status = command.status().expect("the program starts");
        assert_eq!(status.code(), Some(4));
        // The command holds the other end; without it what is left is read to its end.
        drop(command);
        let mut bytes = Vec::new();
        // Linux ends a terminal whose other end is closed with an error.
        let _ = ours.read_to_end(&mut bytes);
        String::from_utf8(bytes).expect("it speaks UTF-8")
    };
    let colourful = shown("xterm-256color");
    assert!(
        colourful.contains("\u{1b}[1m\u{1b}[31merror:"),
        "{colourful:?}"
    );
    let plain = shown("dumb");
    assert!(plain.starts_with("error: "), "{plain:?}");
}
