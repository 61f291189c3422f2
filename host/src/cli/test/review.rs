//! Answers that are not those that are kept: shown to a person, kept, or written beside for later.

use std::io::{BufRead, Write};

use super::args::{Test, is_job};
use super::human;
use crate::cli::exit::Problem;
use crate::cli::render::harmless;
use crate::cli::style::STRONG;
use crate::trial::{Report, SnapshotChange, difference};

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is kept from now on.
    Accept,
    /// The old one stays, and the new one is forgotten.
    Reject,
    /// The new one is written beside, for later.
    Skip,
}

/// Settles what becomes of new answers. A case whose new answers are all kept has passed.
pub(super) fn settle(args: &Test, report: &mut Report) -> Result<(), Problem> {
    let for_all = match (args.accept, args.review) {
        (true, _) => Some(Verdict::Accept),
        (_, true) => None,
        _ => Some(Verdict::Skip),
    };
    settle_all(for_all, report, &mut std::io::stdin().lock())
}

/// The same with one verdict for all, or with those that somebody types.
fn settle_all(
    mut for_all: Option<Verdict>,
    report: &mut Report,
    typed: &mut impl BufRead,
) -> Result<(), Problem> {
    for case in &mut report.cases {
        let mut left = Vec::new();
        for (step, change) in std::mem::take(&mut case.snapshots) {
            let verdict = match for_all {
                Some(verdict) => verdict,
                None => {
                    let (verdict, is_for_all) = ask(&case.name, &change, typed)?;
                    if is_for_all {
                        for_all = Some(verdict);
                    }
                    verdict
                }
            };
            if !carry_out(verdict, &change, &mut case.notes) {
                left.push((step, change));
            }
        }
        case.snapshots = left;
    }
    Ok(())
}

/// Whether the answer is settled. What cannot be written is said, and fails the case.
fn carry_out(verdict: Verdict, change: &SnapshotChange, notes: &mut Vec<String>) -> bool {
    let shown = change.path.display();
    match verdict {
        Verdict::Accept => match change.accept() {
            Ok(()) => {
                notes.push(format!("kept in `{shown}`"));
                true
            }
            Err(error) => {
                notes.push(format!("`{shown}` cannot be written: {error}"));
                false
            }
        },
        Verdict::Reject => false,
        // A job's folder is gone with it, and whoever reads its log has the difference there.
        Verdict::Skip if is_job() => false,
        Verdict::Skip => {
            match change.propose() {
                Ok(path) => notes.push(format!("the new answer is in `{}`", path.display())),
                Err(error) => notes.push(format!(
                    "the new answer cannot be written beside `{shown}`: {error}"
                )),
            }
            false
        }
    }
}

/// Shows one change and asks what becomes of it, and whether that goes for all that follow.
fn ask(
    case: &str,
    change: &SnapshotChange,
    typed: &mut impl BufRead,
) -> Result<(Verdict, bool), Problem> {
    let title = match change.kept {
        Some(_) => "the answer has changed",
        None => "there is a new answer",
    };
    let lines = difference(change.kept.as_deref().unwrap_or_default(), &change.now);
    human::print(&format!(
        "\n{STRONG}{}{STRONG:#}: {title}\n{}\n{}",
        harmless(case),
        harmless(&change.path.display().to_string()),
        human::difference(&lines)
    ))?;
    loop {
        human::print("[a]ccept, [r]eject, [s]kip; accept a[l]l, [q]uit: ")?;
        let _ = std::io::stdout().flush();
        let mut answer = String::new();
        let n_read = typed.read_line(&mut answer);
        match (n_read, answer.trim()) {
            // Nobody is there any more.
            (Ok(0) | Err(_), _) | (_, "q") => return Ok((Verdict::Skip, true)),
            (_, "a") => return Ok((Verdict::Accept, false)),
            (_, "r") => return Ok((Verdict::Reject, false)),
            (_, "s") => return Ok((Verdict::Skip, false)),
            (_, "l") => return Ok((Verdict::Accept, true)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::trial::CaseReport;

    /// A case whose answer has changed from `old`.
    fn case(folder: &Path, name: &str) -> CaseReport {
        let path = folder.join(format!("{name}.snap"));
        std::fs::write(&path, "old\n").unwrap();
        let change = SnapshotChange {
            path,
            kept: Some("old\n".to_owned()),
            now: "new\n".to_owned(),
        };
        CaseReport {
            file: "a.toml".into(),
            line: 1,
            name: name.to_owned(),
            complaints: Vec::new(),
            notes: Vec::new(),
            snapshots: vec![(0, change)],
            ms: 0,
            steps: Vec::new(),
        }
    }

    #[test]
    fn what_a_person_types_decides_on_each_answer_or_on_all_that_follow() {
        let check = |typed: &str, kept: [bool; 2]| {
            let folder = tempfile::tempdir().unwrap();
            let mut report = Report {
                cases: vec![case(folder.path(), "a"), case(folder.path(), "b")],
                ..Report::default()
            };
            settle_all(None, &mut report, &mut typed.as_bytes()).unwrap();
            let passed: Vec<_> = report.cases.iter().map(CaseReport::has_passed).collect();
            assert_eq!(passed, kept, "{typed:?}");
            for (name, kept) in ["a", "b"].into_iter().zip(kept) {
                let text = std::fs::read_to_string(folder.path().join(format!("{name}.snap")));
                assert_eq!(text.unwrap() == "new\n", kept, "{typed:?} {name}");
            }
        };
        check("a\na\n", [true, true]);
        check("a\nr\n", [true, false]);
        check("s\na\n", [false, true]);
        check("l\n", [true, true]);
        check("r\nl\n", [false, true]);
        check("q\n", [false, false]);
        check("what?\n\na\nq\n", [true, false]);
        check("", [false, false]);
    }
}
