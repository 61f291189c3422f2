//! What is promised beside the contract: other versions of it are told apart, exit codes and problem codes keep their meaning, and
//! no key of an output in JSON goes away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::conversation::KEEP;
use super::{BROKEN, root};
use crate::support::program::Home;

/// What is kept of the program: `tests/kept/program.json`.
#[derive(Debug, Deserialize, Serialize)]
struct Ledger {
    /// Codes with the words that `--help` begins their line with.
    exit_codes: BTreeMap<u8, String>,
    /// Ids with names.
    problem_codes: BTreeMap<String, String>,
    /// Command lines with the keys of what they print.
    outputs: BTreeMap<String, BTreeSet<String>>,
}

fn path() -> PathBuf {
    root().join("program.json")
}

fn ledger() -> Ledger {
    let text = fs::read_to_string(path()).expect("there is a ledger");
    serde_json::from_str(&text).expect("it has its form")
}

#[test]
fn an_exit_code_means_what_it_meant() {
    let help = Home::new().run(&["--help"]).stdout;
    for (code, words) in ledger().exit_codes {
        assert!(
            help.contains(&format!("\n  {code:<3}  {words}")),
            "{BROKEN}: {code} {words}\n{help}"
        );
    }
}

#[test]
fn a_problem_code_is_there_for_ever_under_its_name() {
    let now: BTreeMap<_, _> = portcullis::validate::all()
        .map(|code| (code.id, code.name))
        .collect();
    let mut ledger = ledger();
    if std::env::var_os(KEEP).is_some() {
        for (id, name) in &now {
            let kept = ledger.problem_codes.entry((*id).to_owned());
            kept.or_insert_with(|| (*name).to_owned());
        }
        let text = serde_json::to_string_pretty(&ledger).expect("it is JSON") + "\n";
        fs::write(path(), text).expect("the ledger can be written");
    }
    let kept = ledger.problem_codes;
    assert!(!kept.is_empty());
    for (id, name) in kept {
        assert_eq!(now.get(id.as_str()), Some(&name.as_str()), "{BROKEN}: {id}");
    }
}

#[test]
fn no_key_of_an_output_goes_away() {
    let home = home(&["everything"]);
    for (line, kept) in ledger().outputs {
        let arguments: Vec<_> = line.split(' ').collect();
        let ended = home.run(&arguments);
        let printed: Value = serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}: {ended:?}"));
        let mut keys = BTreeSet::new();
        collect(&printed, "", &mut keys);
        let gone: Vec<_> = kept.difference(&keys).collect();
        assert!(
            !kept.is_empty() && gone.is_empty(),
            "{BROKEN}: `{line}` has lost {gone:?}; it has {}",
            json!(keys)
        );
    }
}

/// Every key, as `plugins[].name: string`.
fn collect(value: &Value, at: &str, keys: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let dot = if at.is_empty() { "" } else { "." };
                collect(value, &format!("{at}{dot}{key}"), keys);
            }
            return;
        }
        Value::Array(items) => {
            items
                .iter()
                .for_each(|item| collect(item, &format!("{at}[]"), keys));
            "array"
        }
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        Value::Null => "null",
    };
    keys.insert(format!("{at}: {kind}"));
}

/// The kept component as if it had been built against another contract: names have the same length in each.
fn of_another_contract(interfaces: &[&str]) -> Vec<u8> {
    let mut bytes = fs::read(root().join("0.1.0/everything.wasm")).expect("it is kept");
    let mut n_changed = 0;
    for interface in interfaces {
        let name = format!("portcullis:plugin/{interface}@0.");
        let mut from = 0;
        while let Some(at) = bytes[from..]
            .windows(name.len())
            .position(|window| window == name.as_bytes())
        {
            from += at + name.len();
            assert_eq!(&bytes[from..from + 3], b"1.0");
            bytes[from] = b'2';
            n_changed += 1;
        }
    }
    assert!(n_changed > 0);
    bytes
}

const ALL: [&str; 14] = [
    "types",
    "content",
    "call",
    "progress",
    "log",
    "cancellation",
    "notify",
    "key-value",
    "tools",
    "tasks",
    "resources",
    "prompts",
    "completion",
    "lifecycle",
];

#[test]
fn a_component_of_the_next_contract_is_refused_by_name_and_its_neighbour_is_not() {
    let home = home(&["next", "everything"]);
    home.write("next.wasm", of_another_contract(&ALL));
    let ended = home.run(&["validate", "next.wasm", "--format", "json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let report: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let finding = &report["components"][0]["findings"][0];
    assert_eq!(finding["code"], "PC0301", "{report}");
    let message = finding["message"].as_str().expect("a sentence");
    assert!(
        message.contains("@0.2.0`, which is of another version of the contract"),
        "{message}"
    );
    assert_eq!(
        finding["hint"],
        "build it against `portcullis:plugin@0.1.0`"
    );

    let called = home.run(&["call", "everything__settings"]);
    assert_eq!(called.code, 0, "{called:?}");
}

#[test]
fn an_interface_of_another_version_beside_those_of_this_one_is_passed_over() {
    let home = home(&["everything"]);
    home.write("everything.wasm", of_another_contract(&["lifecycle"]));
    let ended = home.run(&["inspect", "everything.wasm", "--json"]);
    let inspected: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(
        inspected["exports"],
        json!(["tools", "tasks", "resources", "prompts", "completion"])
    );
    let called = home.run(&["call", "everything__settings"]);
    assert_eq!(called.code, 0, "{called:?}");
}

/// A folder with the kept component, and a configuration with these plugins and none of the shipped ones.
fn home(plugins: &[&str]) -> Home {
    let home = Home::new();
    let component = fs::read(root().join("0.1.0/everything.wasm")).expect("it is kept");
    let of = |plugin: &&str| format!("[plugins.{plugin}]\npath = \"{plugin}.wasm\"\n");
    let plugins: String = plugins.iter().map(of).collect();
    home.write("everything.wasm", component);
    home.write(
        "portcullis.toml",
        format!("[host]\nshipped = false\n\n{plugins}"),
    );
    home
}
