//! Answers that are not those that are kept: shown to a person, kept, or written beside for later.

use std::io::{BufRead, Write};

use super::args::{Test, is_job};
use super::human;
use crate::cli::build::told_to_end;
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

/// What came from the person who was asked.
enum Typed {
    /// A line.
    Line(String),
    /// Nothing, since nobody is there any more.
    Nobody,
    /// Ctrl-C, or a word to the same effect.
    Interrupted,
}

/// Settles what becomes of new answers. A case whose new answers are all kept has passed. Whoever interrupts the run keeps
/// nothing and is asked nothing any more. True when that happened, now or before.
pub(super) async fn settle(
    args: &Test,
    report: &mut Report,
    is_interrupted: bool,
) -> Result<bool, Problem> {
    let for_all = match (is_interrupted, args.accept, args.review) {
        (true, ..) => Some(Verdict::Skip),
        (_, true, _) => Some(Verdict::Accept),
        (_, _, true) => None,
        _ => Some(Verdict::Skip),
    };
    let mut told = std::pin::pin!(told_to_end());
    let typed = async || {
        // A thread that reads is not to be stopped; it is gone with the process.
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            let n_read = std::io::stdin().lock().read_line(&mut line);
            n_read.ok().filter(|n_read| *n_read > 0).map(|_| line)
        });
        tokio::select! {
            read = read => read.ok().flatten().map_or(Typed::Nobody, Typed::Line),
            () = &mut told => Typed::Interrupted,
        }
    };
    let was_interrupted = settle_all(for_all, report, typed).await?;
    Ok(is_interrupted || was_interrupted)
}

/// The same with one verdict for all, or with those that somebody types.
async fn settle_all(
    mut for_all: Option<Verdict>,
    report: &mut Report,
    mut typed: impl AsyncFnMut() -> Typed,
) -> Result<bool, Problem> {
    let mut is_interrupted = false;
    for case in &mut report.cases {
        let mut left = Vec::new();
        for (step, change) in std::mem::take(&mut case.snapshots) {
            let verdict = match for_all {
                Some(verdict) => verdict,
                None => match ask(&case.name, &change, &mut typed).await? {
                    Some((verdict, is_for_all)) => {
                        for_all = is_for_all.then_some(verdict);
                        verdict
                    }
                    None => {
                        is_interrupted = true;
                        for_all = Some(Verdict::Skip);
                        Verdict::Skip
                    }
                },
            };
            if !carry_out(verdict, &change, &mut case.notes) {
                left.push((step, change));
            }
        }
        case.snapshots = left;
    }
    Ok(is_interrupted)
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
        Verdict::Reject => {
            if let Err(error) = change.reject() {
                notes.push(format!(
                    "a proposal beside `{shown}` cannot be removed: {error}"
                ));
            }
            false
        }
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

/// Shows one change and asks what becomes of it, and whether that goes for all that follow. None: the run was interrupted.
async fn ask(
    case: &str,
    change: &SnapshotChange,
    typed: &mut impl AsyncFnMut() -> Typed,
) -> Result<Option<(Verdict, bool)>, Problem> {
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
        let line = match typed().await {
            Typed::Interrupted => return Ok(None),
            Typed::Nobody => return Ok(Some((Verdict::Skip, true))),
            Typed::Line(line) => line,
        };
        match line.trim() {
            "q" => return Ok(Some((Verdict::Skip, true))),
            "a" => return Ok(Some((Verdict::Accept, false))),
            "r" => return Ok(Some((Verdict::Reject, false))),
            "s" => return Ok(Some((Verdict::Skip, false))),
            "l" => return Ok(Some((Verdict::Accept, true))),
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
        // An earlier run proposed something.
        std::fs::write(folder.join(format!("{name}.snap.new")), "newer\n").unwrap();
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

    /// Settles with what is typed, and nobody after that; `^C` is Ctrl-C.
    async fn settled(report: &mut Report, typed: &str) -> bool {
        let mut lines = typed.lines();
        let typed = async || match lines.next() {
            None => Typed::Nobody,
            Some("^C") => Typed::Interrupted,
            Some(line) => Typed::Line(format!("{line}\n")),
        };
        settle_all(None, report, typed).await.unwrap()
    }

    #[tokio::test]
    async fn who_interrupts_a_review_is_asked_no_more_and_keeps_what_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = Report {
            cases: vec![case(folder.path(), "a"), case(folder.path(), "b")],
            ..Report::default()
        };
        assert!(settled(&mut report, "a\n^C\na\n").await);
        let passed: Vec<_> = report.cases.iter().map(CaseReport::has_passed).collect();
        assert_eq!(passed, [true, false]);
    }

    #[tokio::test]
    async fn what_a_person_types_decides_on_each_answer_or_on_all_that_follow() {
        let check = async |typed: &str, kept: [bool; 2]| {
            let folder = tempfile::tempdir().unwrap();
            let mut report = Report {
                cases: vec![case(folder.path(), "a"), case(folder.path(), "b")],
                ..Report::default()
            };
            assert!(!settled(&mut report, typed).await);
            let passed: Vec<_> = report.cases.iter().map(CaseReport::has_passed).collect();
            assert_eq!(passed, kept, "{typed:?}");
            for (name, kept) in ["a", "b"].into_iter().zip(kept) {
                let text = std::fs::read_to_string(folder.path().join(format!("{name}.snap")));
                let proposed = folder.path().join(format!("{name}.snap.new"));
                assert_eq!(
                    proposed.exists(),
                    !kept && !typed.contains('r'),
                    "{typed:?}"
                );
                assert_eq!(text.unwrap() == "new\n", kept, "{typed:?} {name}");
            }
        };
        check("a\na\n", [true, true]).await;
        check("a\nr\n", [true, false]).await;
        check("s\na\n", [false, true]).await;
        check("l\n", [true, true]).await;
        check("r\nl\n", [false, true]).await;
        check("q\n", [false, false]).await;
        check("what?\n\na\nq\n", [true, false]).await;
        check("", [false, false]).await;
    }
}
