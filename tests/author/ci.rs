//! The GitHub Action, the GitLab template, and the script that both run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis_fixtures::guest_path;
use regex::Regex;
use serde_json::Value;

use crate::support::program::{Ended, Home, PROGRAM};

const ACTION: &str = include_str!("../../action.yml");
const GITLAB: &str = include_str!("../../ci/gitlab.yml");
const WORKFLOW: &str = include_str!("../../.github/workflows/ci.yml");
const SCRIPT: &str = include_str!("../../ci/check");
const PAGE: &str = include_str!("../../docs/ci.md");

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("it is YAML")
}

/// What the template takes, and the jobs that it makes of that.
fn gitlab() -> (Value, Value) {
    let (head, jobs) = GITLAB.split_once("\n---\n").expect("a head and jobs");
    (yaml(head), yaml(jobs))
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect()
}

/// What the first group of a pattern finds.
fn found(pattern: &str, text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern
        .captures_iter(text)
        .map(|captures| captures[1].to_owned())
        .collect()
}

/// The variables that the script reads, which are those that its head tells of.
fn variables() -> BTreeSet<String> {
    let (head, body) = SCRIPT.split_once("set -euo pipefail").expect("a head");
    let told = found(r"(?m)^# (PORTCULLIS\w*) ", head);
    let read: BTreeSet<_> = found(r"\$\{(PORTCULLIS\w*)", body)
        .into_iter()
        .chain(found(r"is_on (\w+)", body))
        .collect();
    assert_eq!(told, read);
    told
}

#[test]
fn every_input_of_the_action_is_used_described_and_told_of() {
    let action = yaml(ACTION);
    let inputs = keys(&action["inputs"]);
    assert_eq!(inputs, found(r"inputs\.([a-z-]+)", ACTION));
    for input in &inputs {
        let input_of = &action["inputs"][input];
        assert!(
            input_of["description"].is_string() && input_of["default"].is_string(),
            "{input}"
        );
        assert!(
            PAGE.contains(&format!("\n| `{input}` |")),
            "docs/ci.md does not tell of `{input}`"
        );
    }
    let told = PAGE.split("## GitLab").next().expect("a part about GitHub");
    assert_eq!(inputs, found(r"(?m)^\| `([a-z-]+)` \|", told));
}

#[test]
fn every_input_of_the_template_is_used_described_and_told_of() {
    let (head, jobs) = gitlab();
    let inputs = keys(&head["spec"]["inputs"]);
    assert_eq!(inputs, found(r"inputs\.([a-z-]+)", &jobs.to_string()));
    let told = PAGE
        .split("## GitLab")
        .nth(1)
        .and_then(|rest| rest.split("## ").next());
    let rows = found(r"(?m)^\| (`.*?) \|", told.expect("a part about GitLab"));
    let rows: BTreeSet<_> = rows
        .iter()
        .flat_map(|row| found("`([a-z-]+)`", row))
        .collect();
    assert_eq!(inputs, rows);
    for input in &inputs {
        assert!(
            head["spec"]["inputs"][input]["description"].is_string(),
            "{input}"
        );
    }
}

#[test]
fn both_run_the_script_and_tell_it_everything_it_can_be_told() {
    let action = yaml(ACTION);
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let of = |script: &str| {
        let runs = steps
            .iter()
            .filter(|step| step["run"].as_str().is_some_and(|run| run.contains(script)));
        runs.collect::<Vec<_>>()
    };
    let [check] = of("ci/check")[..] else {
        panic!("one step runs it");
    };
    assert_eq!(keys(&check["env"]), variables());
    assert_eq!(of("ci/install").len(), 1);

    let (_, jobs) = gitlab();
    let job = &jobs["portcullis"];
    let mut told = keys(&job["variables"]);
    // For the script that installs.
    assert!(told.remove("PORTCULLIS_VERSION"));
    assert_eq!(told, variables());
    let last = job["script"]
        .as_array()
        .and_then(|lines| lines.last())
        .expect("a script");
    assert!(
        last.as_str()
            .is_some_and(|last| last.ends_with("/ci/check")),
        "{last}"
    );
    for variable in variables() {
        assert!(
            PAGE.contains(&format!("\n| `{variable}` |")),
            "docs/ci.md does not tell of `{variable}`"
        );
    }
}

/// The steps of the action and of every job of the workflow.
fn all_steps() -> Vec<Value> {
    let (action, workflow) = (yaml(ACTION), yaml(WORKFLOW));
    let jobs = workflow["jobs"].as_object().expect("jobs").values();
    let lists = jobs
        .map(|job| &job["steps"])
        .chain([&action["runs"]["steps"]]);
    lists
        .flat_map(|steps| steps.as_array().expect("steps").clone())
        .collect()
}

#[test]
fn no_input_is_a_part_of_a_command() {
    for step in all_steps() {
        let run = step["run"].as_str().unwrap_or_default();
        assert!(!run.contains("${{"), "{run}");
    }
    let (_, jobs) = gitlab();
    assert!(!jobs["portcullis"]["script"].to_string().contains("$[["));
}

#[test]
fn the_workflow_gives_the_action_inputs_that_it_has() {
    let (action, workflow) = (yaml(ACTION), yaml(WORKFLOW));
    let steps = workflow["jobs"]["run"]["steps"].as_array().expect("steps");
    let used = steps
        .iter()
        .find(|step| step["uses"] == "./")
        .expect("the action is used");
    assert!(
        keys(&used["with"]).is_subset(&keys(&action["inputs"])),
        "{used}"
    );
    assert!(steps.iter().any(|step| step["run"] == ".ci/run"));
}

/// The place of the one step of the action that this is in.
fn step_of_the_action(words: &str) -> (usize, Value) {
    let action = yaml(ACTION);
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let has = |step: &&(usize, &Value)| {
        step.1["uses"]
            .as_str()
            .or(step.1["run"].as_str())
            .is_some_and(|does| does.contains(words))
    };
    let steps: Vec<_> = steps.iter().enumerate().collect();
    let found: Vec<_> = steps.iter().filter(has).collect();
    let [(place, step)] = found[..] else {
        panic!("{words} is in one step: {found:?}")
    };
    (*place, (*step).clone())
}

#[test]
fn the_action_keeps_the_program_before_it_judges_a_plugin() {
    let (restored, restore) = step_of_the_action("actions/cache/restore@");
    let (installed, _) = step_of_the_action("/ci/install");
    let (saved, save) = step_of_the_action("actions/cache/save@");
    let (checked, _) = step_of_the_action("/ci/check");
    assert!(restored < installed && installed < saved && saved < checked);
    assert_eq!(restore["with"]["path"], save["with"]["path"]);
    let condition = save["if"].as_str().expect("not when it came from there");
    assert!(
        condition.contains("steps.cache.outputs.cache-hit != 'true'") && restore["id"] == "cache",
        "{condition}"
    );
}

#[test]
fn a_report_that_was_not_written_is_not_uploaded() {
    let (_, upload) = step_of_the_action("upload-sarif@");
    assert_eq!(
        upload["if"],
        "always() && steps.report.outputs.written == 'true'"
    );
    assert_eq!(upload["with"]["category"], "${{ inputs.category }}");
    let (_, report) = step_of_the_action("written=true");
    assert_eq!(report["env"]["SARIF"], upload["with"]["sarif_file"]);

    let home = Home::new();
    home.write("there.sarif", "{}");
    for (file, expected) in [("there.sarif", "written=true\n"), ("gone.sarif", "")] {
        home.write("output", "");
        let mut command = Command::new("bash");
        command.current_dir(home.path());
        command.args(["-e", "-c", report["run"].as_str().expect("a command")]);
        command.env("SARIF", file).env("GITHUB_OUTPUT", "output");
        assert!(command.status().expect("bash starts").success());
        let output = std::fs::read_to_string(home.path().join("output"));
        assert_eq!(output.expect("it is there"), expected);
    }
}

/// A tag can be moved to other code; a commit cannot. That of `upload-sarif` is not known here.
#[test]
fn actions_of_others_are_named_by_their_commits() {
    let commit = Regex::new("@[0-9a-f]{40}$").expect("a pattern");
    for step in all_steps() {
        let uses = step["uses"].as_str().unwrap_or("./");
        assert!(
            uses == "./" || uses == "github/codeql-action/upload-sarif@v4" || commit.is_match(uses),
            "{uses}"
        );
    }
}

#[test]
fn advisories_are_looked_for_on_a_schedule() {
    let workflow = yaml(WORKFLOW);
    assert!(workflow["on"]["schedule"].is_array(), "{workflow}");
    let job = &workflow["jobs"]["advisories"];
    assert_eq!(job["if"], "github.event_name == 'schedule'");
    let steps = job["steps"].as_array().expect("steps");
    assert!(steps.iter().any(|step| step["run"] == "cargo deny check"));
}

/// A runner of GitLab with one cache. Its programs do next to nothing and write down what they were told.
struct Runner {
    home: Home,
}

impl Runner {
    fn new() -> Self {
        let home = Home::new();
        let install = repository().join("ci/install");
        // The source that is cloned has the true script, which is the one under test.
        let git = format!(
            "for last; do :; done\n\
             [ \"$1\" = clone ] || {{ echo \"$COMMIT\"; exit; }}\n\
             mkdir -p \"$last/ci\"\ncp '{}' \"$last/ci/install\"\n\
             echo '#!/bin/sh' >\"$last/ci/check\"\nchmod +x \"$last/ci/check\"",
            install.display()
        );
        let cargo = "for last; do :; done\nmkdir -p \"$last/bin\"\necho >\"$last/bin/portcullis\"\nchmod +x \"$last/bin/portcullis\"";
        for (name, does) in [("git", git.as_str()), ("cargo", cargo), ("rustup", "")] {
            let told = format!("#!/bin/sh\necho \"{name} $*\" >>\"$TOLD\"\n{does}\n");
            program(&home, name, &told);
        }
        Self { home }
    }

    /// One pipeline, for a branch whose last commit is `commit`: what its programs were told.
    fn pipeline(&self, version: &str, commit: &str) -> Vec<String> {
        let told = self.home.path().join("told");
        self.home.write("told", "");
        let (_, jobs) = gitlab();
        let script = jobs["portcullis"]["script"].as_array().expect("a script");
        let lines: Vec<_> = script
            .iter()
            .map(|line| line.as_str().expect("a line"))
            .collect();
        let mut command = Command::new("bash");
        command
            .args(["-eo", "pipefail", "-c", &lines.join("\n")])
            .current_dir(self.home.path())
            .env(
                "PATH",
                before_others(&self.home.path().join("programs/git")),
            )
            .env("TOLD", &told)
            .env("COMMIT", commit)
            .env("PORTCULLIS_VERSION", version);
        let ended = Ended::of(command.output().expect("bash starts"));
        assert_eq!(ended.code, 0, "{ended:?}");
        let told = std::fs::read_to_string(told).expect("it is there");
        told.lines().map(str::to_owned).collect()
    }
}

fn count(told: &[String], begins: &str) -> usize {
    told.iter().filter(|line| line.starts_with(begins)).count()
}

#[test]
fn the_template_clones_the_tag_of_a_version_and_any_other_name_as_it_stands() {
    for (version, name) in [("0.1.0", "v0.1.0"), ("v0", "v0"), ("main", "main")] {
        let told = Runner::new().pipeline(version, "1");
        let clone = told.iter().find(|line| line.starts_with("git clone "));
        let clone = clone.expect("it clones");
        assert!(clone.contains(&format!(" --branch {name} ")), "{clone}");
    }
}

#[test]
fn the_template_adds_the_target_each_time_and_builds_again_when_its_branch_moved() {
    let runner = Runner::new();
    for (commit, n_builds) in [("1", 1), ("1", 0), ("2", 1), ("2", 0)] {
        let told = runner.pipeline("v0", commit);
        assert_eq!(
            count(&told, "rustup target add wasm32-wasip2"),
            1,
            "{told:?}"
        );
        assert_eq!(
            count(&told, "cargo install "),
            n_builds,
            "{commit}: {told:?}"
        );
    }
}

#[test]
fn the_template_keeps_the_program_of_a_job_that_fails() {
    let (_, jobs) = gitlab();
    let cache = &jobs["portcullis"]["cache"];
    assert_eq!(cache["when"], "always");
    assert_eq!(cache["paths"], serde_json::json!([".portcullis/bin"]));
}

/// The files of docs/ci.md, one for each of the two.
#[test]
fn the_page_gives_both_inputs_that_they_have() {
    let files: Vec<_> = PAGE.split("```yaml\n").skip(1).collect();
    let files: Vec<_> = files
        .iter()
        .map(|rest| yaml(rest.split("```").next().expect("it ends")))
        .collect();
    let [github, gitlab_ci] = &files[..] else {
        panic!("{files:?}")
    };
    let steps = github["jobs"]["plugin"]["steps"].as_array().expect("steps");
    let used = steps.iter().find(|step| {
        step["uses"]
            .as_str()
            .is_some_and(|uses| uses.starts_with("portcullis-mcp/"))
    });
    let given = keys(&used.expect("the action is used")["with"]);
    assert!(given.is_subset(&keys(&yaml(ACTION)["inputs"])), "{given:?}");
    assert!(
        given.contains("upload"),
        "a fork's pull request may not write"
    );
    assert_eq!(
        github["permissions"],
        serde_json::json!({"contents": "read", "actions": "read", "security-events": "write"})
    );
    let given = keys(&gitlab_ci["include"][0]["inputs"]);
    let (head, _) = gitlab();
    assert!(given.is_subset(&keys(&head["spec"]["inputs"])), "{given:?}");
}

/// With other flags, cargo would build all of them again and leave them where the tests look.
#[test]
fn every_script_builds_guests_with_the_flags_of_the_build_scripts() {
    let scripts = [
        ".ci/run",
        "justfile",
        "plugins/polyglot/build",
        "tests/clients/run",
        "tests/conformance/run",
        "tests/reports/run",
    ];
    for script in scripts {
        let text = std::fs::read_to_string(repository().join(script)).expect("it is there");
        assert!(!text.contains("--profile guest"), "{script}");
    }

    let home = Home::new();
    let cargo = "#!/bin/sh\nprintf %s \"$CARGO_ENCODED_RUSTFLAGS\" >\"$TOLD\"\n";
    let cargo = program(&home, "cargo", cargo);
    let told = home.path().join("told");
    let mut command = Command::new("bash");
    command
        .arg(repository().join("plugins/build-guests"))
        .env("PATH", before_others(&cargo))
        .env("TOLD", &told)
        .env("HOME", "/homes/ada")
        .env("CARGO_HOME", "/tools/cargo");
    assert!(command.status().expect("bash starts").success());
    let flags = std::fs::read_to_string(told).expect("cargo was started");
    let root = repository().canonicalize().expect("it is there");
    assert_eq!(
        flags,
        format!(
            "--remap-path-prefix=/homes/ada=home\x1f--remap-path-prefix=/tools/cargo=cargo\x1f--remap-path-prefix={}=.",
            root.display()
        )
    );
    let rust = include_str!("../../plugins/build_guests.rs");
    assert!(rust.contains(r#"[(home, "home"), (cargo, "cargo"), (workspace, ".")]"#));
}

/// Writes a program that stands in for another one, and says where it is.
fn program(home: &Home, name: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let file = format!("programs/{name}");
    home.write(&file, text);
    let path = home.path().join(file);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
        .expect("it can be made a program");
    path
}

/// The path on which programs are looked for, with the folder of this one before all others.
fn before_others(program: &Path) -> std::ffi::OsString {
    let others = std::env::var_os("PATH").expect("there are programs");
    let folder = program.parent().expect("it lies in one").to_owned();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&others));
    std::env::join_paths(folders).expect("none has a colon")
}

/// Runs the script in a folder, with these variables and nothing else that it heeds.
fn check(home: &Home, variables: &[(&str, &str)], paths: &[&str]) -> Ended {
    let mut command = Command::new("bash");
    let program = home.command();
    command.current_dir(home.path());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let told = self::variables();
    told.iter()
        .map(String::as_str)
        .chain(["GITHUB_ACTIONS"])
        .for_each(|name| {
            command.env_remove(name);
        });
    command.arg(repository().join("ci/check")).args(paths);
    command
        .env("PORTCULLIS", PROGRAM)
        .env("PORTCULLIS_TEST", "false");
    command.envs(variables.iter().copied());
    Ended::of(command.output().expect("bash starts"))
}

/// A folder with a component that is fit, one that is fit with a warning, and one that is not.
fn components() -> Home {
    let home = Home::new();
    let read = |name: &str| std::fs::read(guest_path(name)).expect("a guest");
    home.write("fit und gut/noop.wasm", read("noop"));
    home.write("fit und gut/plugin.json", r#"{"name": "noop", "version": "1.0.0", "license": "MIT", "description": "Does nothing, and says so"}"#);
    home.write("unfit.wasm", read("no_exports"));
    home
}

#[test]
fn the_script_says_by_its_code_whether_all_are_fit_and_leaves_reports() {
    let home = components();
    let ended = check(&home, &[], &["unfit.wasm"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let ended = check(
        &home,
        &[(
            "PORTCULLIS_PATHS",
            "\n  fit und gut/noop.wasm  \n unfit.wasm\n",
        )],
        &[],
    );
    assert_eq!(ended.code, 1, "{ended:?}");
    let report =
        |name: &str| std::fs::read_to_string(home.path().join("portcullis-reports").join(name));
    let log: Value = serde_json::from_str(&report("validate.sarif").expect("SARIF")).expect("JSON");
    assert!(
        !log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .is_empty(),
        "{log}"
    );
    assert!(report("validate.xml").is_ok_and(|text| text.contains("fit und gut/noop.wasm")));

    let elsewhere = [
        ("PORTCULLIS_SARIF", "a/b.sarif"),
        ("PORTCULLIS_REPORTS", "r"),
    ];
    let ended = check(&home, &elsewhere, &["unfit.wasm"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        home.path().join("a/b.sarif").is_file() && home.path().join("r/validate.xml").is_file()
    );
}

#[test]
fn what_is_printed_is_no_command_but_for_the_annotations() {
    let home = components();
    let ended = check(&home, &[("GITHUB_ACTIONS", "true")], &["unfit.wasm"]);
    let mut lines = ended.stdout.lines();
    let first = lines.next().expect("a line");
    let token = first
        .strip_prefix("::stop-commands::")
        .expect("it begins by stopping");
    assert_eq!(token.len(), 32, "{first}");
    let resume = format!("::{token}::");
    let (mut obeys, mut n_annotations) = (false, 0);
    for line in lines {
        match line {
            line if line == resume => obeys = true,
            line if line == first => obeys = false,
            line if obeys => {
                assert!(line.starts_with("::error file=unfit.wasm,"), "{line}");
                n_annotations += 1;
            }
            _ => {}
        }
    }
    assert!(obeys && n_annotations > 0, "{ended:?}");
    let again = check(&home, &[("GITHUB_ACTIONS", "true")], &["unfit.wasm"]);
    assert!(
        !again.stdout.contains(token),
        "a token that is known stops nothing"
    );
}

#[test]
fn the_script_refuses_what_makes_no_sense_with_a_hint() {
    let home = components();
    let refused = |variables: &[(&str, &str)], words: &str| {
        let ended = check(&home, variables, &["unfit.wasm"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(
            ended.stderr.contains(words) && ended.stderr.contains("(hint: "),
            "{ended:?}"
        );
    };
    refused(
        &[("PORTCULLIS_SMOKE", "maybe")],
        "`PORTCULLIS_SMOKE` is `maybe`",
    );
    refused(
        &[("PORTCULLIS_VALIDATE", "yes")],
        "`PORTCULLIS_VALIDATE` is `yes`",
    );
    refused(
        &[("PORTCULLIS", "./no such program")],
        "no program `./no such program`",
    );
    let nothing = check(&home, &[("PORTCULLIS_PATHS", "\n \n")], &[]);
    assert_eq!(nothing.code, 2, "{nothing:?}");
    let unvalidated = check(&home, &[("PORTCULLIS_VALIDATE", "false")], &["unfit.wasm"]);
    assert_eq!(unvalidated.code, 0, "{unvalidated:?}");
}
