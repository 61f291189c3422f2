//! `portcullis validate`, `portcullis lock` and `portcullis explain PC0101`, in the real program.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use portcullis_fixtures::{guest, guest_path};
use serde_json::Value;

use crate::support::program::{Ended, Home};

const MANIFEST: &str = r#"{"name": "größe", "version": "1.0.0"}"#;

/// A home with plugins: a good one, one that warns, one that is no plugin.
fn home() -> Home {
    let home = Home::new();
    let manifest = MANIFEST.replace("größe", "good");
    home.write("good plugin ü/größe.wasm", guest("noop"))
        .write("good plugin ü/plugin.json", manifest)
        .write("bare.wasm", guest("noop"))
        .write("text.wasm", "(component)");
    home
}

#[track_caller]
fn check(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, code, "{ended:?}");
    for word in words {
        let said = ended.stdout.contains(word) || ended.stderr.contains(word);
        assert!(said, "{word} in {ended:?}");
    }
}

#[test]
fn fit_is_zero_unfit_is_one_and_nothing_at_all_is_four() {
    let home = home();
    let fit = home.run(&["validate", "good plugin ü"]);
    check(&fit, 0, &["good 1.0.0", "1 component: 1 fit"]);
    assert!(!fit.stdout.contains('\u{1b}'), "{fit:?}");
    let bare = home.run(&["validate", "bare.wasm"]);
    check(&bare, 0, &["warning PC0212", "portcullis explain PC0212"]);
    let denied = home.run(&["validate", "bare.wasm", "--deny", "warnings"]);
    check(&denied, 1, &["error PC0212"]);
    let unfit = home.run(&["validate", "text.wasm", "bare.wasm"]);
    check(
        &unfit,
        1,
        &["PC0106", "hint: ", "2 components: 1 fit, 1 unfit"],
    );
    let nowhere = home.run(&["validate", "missing.wasm"]);
    check(&nowhere, 4, &["missing.wasm", "(hint: "]);
    assert_eq!(nowhere.stdout, "");
    check(&home.run(&["validate", "--format", "xml"]), 2, &["xml"]);
    let usage = home.run(&["validate", "--deny", "notes", "bare.wasm"]);
    check(&usage, 2, &["notes"]);
}

#[test]
fn a_folder_with_several_components_has_a_report_for_each() {
    let home = home();
    let ended = home.run(&["validate", "."]);
    check(&ended, 1, &["bare.wasm", "text.wasm", "2 components"]);
    home.write("empty/README.md", "");
    let empty = home.run(&["validate", "empty"]);
    check(&empty, 4, &["there is no plugin in `empty`", "(hint: "]);
}

#[test]
fn a_folder_with_source_stands_for_what_was_built_of_it_last() {
    let home = Home::new();
    home.write(
        "weather/pyproject.toml",
        "[tool.portcullis]\nmodule = \"plugin\"\nworld = \"world.wit\"\n",
    );
    let unbuilt = home.run(&["validate", "weather"]);
    check(&unbuilt, 4, &["not built", "`portcullis build weather`"]);
    home.write("weather/target/portcullis/weather.wasm", guest("hello"))
        .write(
            "weather/target/portcullis/component.stamp",
            "x\nweather.wasm\n",
        );
    let built = home.run(&["validate", "weather"]);
    check(&built, 0, &["target/portcullis/weather.wasm", "1 fit"]);
}

#[test]
fn what_was_built_is_told_of_in_its_source_where_people_review_it() {
    let home = Home::new();
    home.write(
        "weather/pyproject.toml",
        "[tool.portcullis]\nmodule = \"plugin\"\nworld = \"world.wit\"\n",
    )
    .write("weather/target/portcullis/weather.wasm", guest("hello"))
    .write(
        "weather/target/portcullis/component.stamp",
        "x\nweather.wasm\n",
    );
    let component = "weather/target/portcullis/weather.wasm";
    let shown = |arguments: &[&str]| {
        let ended = home.run(&[&["validate", "--format", "sarif"], arguments].concat());
        let log: Value = serde_json::from_str(&ended.stdout).expect("SARIF");
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().map(str::to_owned)
    };
    let source = Some("weather/pyproject.toml".to_owned());
    assert_eq!(shown(&["weather"]), source);
    // As `ci/check` says it of what it has just built.
    let pair = format!("{component}=weather");
    assert_eq!(shown(&[component, "--source", &pair]), source);
    assert_eq!(shown(&[component]).as_deref(), Some(component));
    let stray = home.run(&["validate", component, "--source", "other.wasm=weather"]);
    check(&stray, 2, &["`--source other.wasm=weather`", "(hint: "]);
}

#[test]
fn json_says_all_and_can_go_to_a_file() {
    let home = home();
    let paths = ["text.wasm", "good plugin ü/größe.wasm"];
    let ended = home.run(&["validate", "--format", "json", paths[0], paths[1]]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let told: Value = serde_json::from_str(&ended.stdout).expect("JSON alone");
    assert_eq!(told["formatVersion"], 1);
    assert_eq!(told["counts"]["errors"], 1);
    for (component, path) in told["components"].as_array().unwrap().iter().zip(paths) {
        assert_eq!(component["path"], path);
    }
    let (text, good) = (&told["components"][0], &told["components"][1]);
    assert_eq!(text["reached"], "file");
    assert_eq!(text["findings"][0]["code"], "PC0106");
    assert_eq!(text["findings"][0]["severity"], "error");
    assert_eq!(good["name"], "good");
    assert_eq!(good["reached"], "checks");
    let same = [
        "validate", "--format", "json", paths[0], paths[1], "--output", "r.json",
    ];
    let ended = home.run(&same);
    check(&ended, 1, &["1 fit, 1 unfit"]);
    let file = std::fs::read_to_string(home.path().join("r.json")).expect("it was written");
    assert_eq!(serde_json::from_str::<Value>(&file).expect("JSON"), told);
}

#[test]
fn a_report_that_cannot_be_written_is_said_and_nothing_is_left() {
    let home = home();
    let ended = home.run(&["validate", "bare.wasm", "--output", "missing/r.txt"]);
    check(&ended, 4, &["missing/r.txt", "(hint: "]);
    assert!(!home.path().join("missing").exists());
}

#[test]
fn a_configuration_that_is_named_holds_and_one_that_is_found_does_not() {
    let home = Home::new();
    let manifest = r#"{"name": "needy", "version": "1.0.0",
        "configuration": {"schema": {"type": "object", "required": ["city"]}}}"#;
    home.write("needy/needy.wasm", guest("noop"))
        .write("needy/plugin.json", manifest)
        .write(
            "portcullis.toml",
            "[plugins.needy]\npath = \"needy\"\nconfig = { city = \"Oslo\" }\n",
        );
    check(&home.run(&["validate", "needy"]), 1, &["PC0711", "city"]);
    let named = ["validate", "needy", "--config", "portcullis.toml"];
    check(&home.run(&named), 0, &["1 fit"]);
}

#[test]
fn a_plugin_that_keeps_things_has_a_place_for_them_while_it_is_validated() {
    let home = Home::new();
    let manifest = r#"{"name": "needy", "version": "1.0.0", "license": "MIT",
        "permissions": {"storage": ["key-value"]}}"#;
    let config = "[policy]\nstorage = [\"key-value\"]\n\n[plugins.needy]\npath = \"needy\"\ndigest = \"any\"\n\n\
        [plugins.needy.grants]\nstorage = [\"key-value\"]\n";
    home.write("needy/needy.wasm", guest("needs_a_grant"))
        .write("needy/plugin.json", manifest)
        .write("portcullis.toml", config);
    check(&home.run(&["validate", "needy"]), 1, &["PC0710"]);
    let granted = ["validate", "needy", "--config", "portcullis.toml"];
    check(&home.run(&granted), 0, &["1 fit"]);
    check(
        &home.run(&["lock", "--config", "portcullis.toml"]),
        0,
        &["1 plugin"],
    );
}

#[test]
fn a_code_is_explained_and_an_unknown_one_leads_to_the_list() {
    let home = Home::new();
    let ended = home.run(&["explain", "pc0702"]);
    check(
        &ended,
        0,
        &["PC0702 start-fuel (error)", "ten thousand million"],
    );
    let unknown = home.run(&["explain", "PC0199"]);
    check(
        &unknown,
        2,
        &["`PC0199`", "did you mean", "`portcullis explain PC`"],
    );
    let all = home.run(&["explain", "PC", "--json"]);
    let all: Value = serde_json::from_str(&all.stdout).expect("JSON");
    let known: Vec<_> = portcullis::validate::all().map(|code| code.id).collect();
    let told = all.as_array().expect("a list").iter();
    assert_eq!(told.map(|code| &code["code"]).collect::<Vec<_>>(), known);
}

#[test]
fn a_lock_is_written_checked_and_held() {
    let home = home();
    check(&home.run(&["lock"]), 4, &["nothing to lock", "(hint: "]);
    let missing = home.run(&["validate", "bare.wasm", "--locked"]);
    check(&missing, 4, &["portcullis.lock", "portcullis lock"]);
    check(
        &home.run(&["lock", "text.wasm"]),
        4,
        &["PC0106", "text.wasm"],
    );
    assert!(!home.path().join("portcullis.lock").exists());

    check(&home.run(&["lock", "good plugin ü"]), 0, &["1 plugin"]);
    let lock =
        || std::fs::read_to_string(home.path().join("portcullis.lock")).expect("it is there");
    let first = lock();
    assert!(first.contains("source = \"good plugin ü\""), "{first}");
    check(&home.run(&["lock", "bare.wasm"]), 0, &["2 plugins"]);
    assert!(lock().contains("name = \"good\""), "the others stay");
    let check_all = ["lock", "--check", "bare.wasm", "good plugin ü"];
    check(&home.run(&check_all), 0, &["up to date"]);
    let validate = ["validate", "--locked", "bare.wasm", "good plugin ü"];
    check(&home.run(&validate), 0, &["2 fit"]);

    home.write("bare.wasm", guest("pages"));
    check(&home.run(&check_all), 1, &["plugin `bare` changed"]);
    let changed = home.run(&validate);
    check(&changed, 1, &["PC0902", "PC0904", "PC0905"]);
    home.write("portcullis.lock", "version = 1\ncolour = 2\n");
    check(&home.run(&check_all), 4, &["portcullis.lock", "colour"]);
}

#[test]
fn a_lock_is_of_the_configuration_and_beside_it() {
    let home = home();
    home.write(
        "set up/portcullis.toml",
        "[plugins.good]\npath = \"../good plugin ü\"\n[plugins.off]\npath = \"gone\"\nenabled = false\n",
    );
    let config = "set up/portcullis.toml";
    check(&home.run(&["lock", "--config", config]), 0, &["1 plugin"]);
    assert!(home.path().join("set up/portcullis.lock").exists());
    let locked = ["validate", "good plugin ü", "--locked", "--config", config];
    check(&home.run(&locked), 0, &["1 fit"]);
}

#[test]
fn where_nothing_can_be_written_a_lock_is_refused() {
    // Nobody writes there, whoever runs the tests.
    let folder = Path::new("/proc");
    let output = Home::new()
        .command()
        .current_dir(folder)
        .args(["lock".as_ref(), guest_path("noop").as_os_str()])
        .output()
        .expect("the program starts");
    check(
        &Ended::of(output),
        4,
        &["cannot write `portcullis.lock`", "(hint: "],
    );
}

#[test]
fn ctrl_c_ends_with_130() {
    let home = Home::new();
    let mut child = home
        .command()
        .args(["-v", "validate"])
        .args([guest_path("noop"), guest_path("spins_in_activate")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut said = BufReader::new(child.stderr.take().expect("it has one"));
    let mut line = String::new();
    while !line.contains("noop") {
        line.clear();
        assert_ne!(said.read_line(&mut line).expect("it can be read"), 0);
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130), "{status:?}");
}
