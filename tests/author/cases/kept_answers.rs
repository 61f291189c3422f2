//! Answers that are kept: new, accepted, changed, proposed, unused.

use std::fs;

use super::{plugin, run};
use crate::support::program::{Ended, Home};

const CASE: &str = "[[case]]\nname = \"says hello\"\nprompt = \"greet\"\narguments = { name = \"NAME\" }\nexpect = { snapshot = true }\n";

fn home(name: &str) -> Home {
    let home = plugin("echo");
    home.write("p/tests/a.toml", CASE.replace("NAME", name));
    home
}

fn is_there(home: &Home, path: &str) -> bool {
    home.path().join(path).exists()
}

#[test]
fn an_answer_is_proposed_then_kept_then_compared() {
    let home = home("Ada");
    let (kept, proposed) = (
        "p/tests/snapshots/a/says-hello.snap",
        "p/tests/snapshots/a/says-hello.snap.new",
    );

    let new = run(&home, &[]);
    assert_eq!(new.code, 1, "{new:?}");
    assert!(
        new.stdout.contains("+ | Hello Ada") && new.stdout.contains("--review"),
        "{new:?}"
    );
    assert!(is_there(&home, proposed) && !is_there(&home, kept));

    let accepted = run(&home, &["--accept"]);
    assert_eq!(accepted.code, 0, "{accepted:?}");
    assert!(is_there(&home, kept) && !is_there(&home, proposed));
    assert_eq!(run(&home, &[]).code, 0);

    home.write("p/tests/a.toml", CASE.replace("NAME", "Grace"));
    let changed = run(&home, &[]);
    assert_eq!(changed.code, 1, "{changed:?}");
    assert!(
        changed.stdout.contains("- | Hello Ada") && changed.stdout.contains("+ | Hello Grace"),
        "{changed:?}"
    );
    assert!(is_there(&home, proposed));
    assert!(
        fs::read_to_string(home.path().join(kept))
            .unwrap()
            .contains("Ada")
    );

    // Back again, the proposal is none any more.
    home.write("p/tests/a.toml", CASE.replace("NAME", "Ada"));
    assert_eq!(run(&home, &[]).code, 0);
    assert!(!is_there(&home, proposed));
}

#[test]
fn in_a_job_nothing_is_written_and_the_difference_is_shown() {
    let home = home("Ada");
    let mut command = home.command();
    command.args(["test", "p"]).env("CI", "true");
    let ended = Ended::of(command.output().unwrap());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("+ | Hello Ada"), "{ended:?}");
    assert!(!is_there(&home, "p/tests/snapshots"));
}

#[test]
fn what_no_case_looks_at_is_named_and_left_alone() {
    let home = home("Ada");
    home.write("p/tests/snapshots/a/old.snap", "old");
    let ended = run(&home, &["--accept"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("unused `p/tests/snapshots/a/old.snap`"),
        "{ended:?}"
    );
    assert!(is_there(&home, "p/tests/snapshots/a/old.snap"));
    assert!(
        !ended
            .stdout
            .contains("unused `p/tests/snapshots/a/says-hello.snap`"),
        "{ended:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_costs_a_note_and_leaves_nothing_behind() {
    use std::os::unix::fs::PermissionsExt;
    let home = home("Ada");
    let folder = home.path().join("p/tests");
    // The folder of the answers is a file, which not even root can write into.
    home.write("p/tests/snapshots", "in the way");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let ended = run(&home, &[]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("p/tests/snapshots"), "{ended:?}");
    let left: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
