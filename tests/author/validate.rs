//! `validate`: each kind of problem is found where it is and nowhere else, and what validates loads.

mod kinds;
mod locked;
mod made_up;
mod program;
mod sample;

use std::collections::BTreeSet;
use std::path::Path;

use portcullis::config::Config;
use portcullis::host::{Host, State, install_one};
use portcullis::limits::LimitsPatch;
use portcullis::validate::{self, Severity, Stage, validate};
use portcullis_fixtures::{NAMES, guest_path};
use regex::Regex;

use crate::support::host::engine;
use sample::settings;

/// Fuel runs out long before time does, however busy the machine is.
fn limits() -> LimitsPatch {
    LimitsPatch {
        fuel: Some(500_000_000),
        start_ms: Some(60_000),
        ..LimitsPatch::default()
    }
}

#[tokio::test]
async fn what_validates_is_put_into_service_and_nothing_else_is() {
    let config = Config {
        limits: limits(),
        ..Config::default()
    };
    let mut wrong = Vec::new();
    let mut in_service = 0;
    for name in NAMES {
        let path = guest_path(name);
        let report = validate(&engine().into(), path, &settings(&config))
            .await
            .report;
        let host = Host::start(engine(), vec![install_one(&config, path)]);
        host.settled().await;
        let state = host.statuses().remove(0).state;
        let is_served = matches!(state, State::Active | State::Quarantined(_));
        let loads = report.reached == Stage::Checks;
        in_service += usize::from(is_served);
        if is_served != loads {
            wrong.push(format!("{name}: {state:?}, and {report:?}"));
        }
        if !loads && report.worst() != Some(Severity::Error) {
            wrong.push(format!("{name} stopped without an error: {report:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        (10..NAMES.len()).contains(&in_service),
        "{in_service} of {} are in service",
        NAMES.len()
    );
}

/// A kind that no test finds may never be found at all. Those of a plugin as a whole are found by the tests here, under their
/// ids; those of one list or one section by the tests beside their checks, under their names.
#[test]
fn every_kind_of_problem_is_found_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for text in sources(&root.join("../tests/author")) {
        let words = text.split('"').filter(|word| word.len() == 6);
        found.extend(
            words
                .filter(|word| word.starts_with("PC"))
                .map(str::to_owned),
        );
    }
    let kinds = Regex::new(r#"const (\w+): &?Code = [^"]*"(PC\d{4})""#).expect("it is one");
    for text in sources(&root.join("src/validate")) {
        let (code, tests) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        for kind in kinds.captures_iter(code) {
            let named = Regex::new(&format!(r"\b{}\b", &kind[1])).expect("a name is a word");
            if named.is_match(tests) {
                found.insert(kind[2].to_owned());
            }
        }
    }
    let missing: Vec<_> = validate::all()
        .map(|code| code.id)
        .filter(|id| !found.contains(*id))
        .collect();
    assert!(missing.is_empty(), "no test finds {missing:?}");
}

/// The texts of all files below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the tests have their sources") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(std::fs::read_to_string(path).expect("it is text"));
        }
    }
    texts
}
