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
    let mut for_all = match (args.accept, args.review) {
        (true, _) => Some(Verdict::Accept),
        (_, true) => None,
        _ => Some(Verdict::Skip),
    };
    for case in &mut report.cases {
        let mut left = Vec::new();
        for (step, change) in std::mem::take(&mut case.snapshots) {
            let verdict = match for_all {
                Some(verdict) => verdict,
                None => {
                    let (verdict, is_for_all) = ask(&case.name, &change)?;
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
fn ask(case: &str, change: &SnapshotChange) -> Result<(Verdict, bool), Problem> {
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
    let stdin = std::io::stdin();
    loop {
        human::print("[a]ccept, [r]eject, [s]kip; accept a[l]l, [q]uit: ")?;
        let _ = std::io::stdout().flush();
        let mut answer = String::new();
        let n_read = stdin.lock().read_line(&mut answer);
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
