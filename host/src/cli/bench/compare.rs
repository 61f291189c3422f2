//! Whether it became worse.

use serde::Serialize;

use super::baseline::Baseline;
use super::verdict_word;
use crate::cli::{render, style};

/// One thing that is compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What.
    pub what: &'static str,
    /// As it was. Times are multiples of the reference's.
    pub before: f64,
    /// As it is.
    pub now: f64,
    /// How much more it is, in percent; less is negative.
    pub percent: f64,
    /// Whether that is over the threshold.
    pub is_over: bool,
    /// Whether it counts.
    pub counts: bool,
}

/// Whether it became worse, and where.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether something that counts is over the threshold.
    pub is_worse: bool,
    /// Percent.
    pub threshold: f64,
    /// Everything that was compared.
    pub changes: Vec<Change>,
    /// What could not be compared, and why.
    pub notes: Vec<&'static str>,
}

impl Verdict {
    /// Holds two runs against each other. Errors, fuel and memory count as they are, since no machine changes them; time counts as a
    /// multiple of the reference's, and only where that is wished.
    pub fn of(before: &Baseline, now: &Baseline, threshold: f64, fail_on_time: bool) -> Self {
        let change = |what, before: f64, now: f64, counts| {
            let percent = match before {
                0.0 if now == 0.0 => 0.0,
                0.0 => f64::MAX,
                _ => (now - before) * 100.0 / before,
            };
            Change {
                what,
                before,
                now,
                percent,
                // Whole numbers stay whole, so that what is exactly at the threshold is not over it.
                is_over: now * 100.0 > before * (100.0 + threshold),
                counts,
            }
        };
        // The most that a call took grows with their number, so of different numbers the calls in the middle are compared.
        let is_as_many = before.calls == now.calls;
        let memory = |run: &Baseline| match is_as_many {
            true => run.memory_bytes.max as f64,
            false => run.memory_bytes.median as f64,
        };
        let mut changes = vec![
            // A tool that only fails needs little of anything.
            change("errors", errors(before), errors(now), true),
            change(
                "fuel",
                before.fuel.median as f64,
                now.fuel.median as f64,
                true,
            ),
            change("memory", memory(before), memory(now), true),
        ];
        let mut notes = Vec::new();
        match (relative(before), relative(now)) {
            (Some(was), Some(is)) if reference_digest(before) == reference_digest(now) => {
                changes.push(change("time", was, is, fail_on_time));
            }
            (Some(_), Some(_)) => notes.push(
                "time is not compared, since the reference of the baseline is another component (hint: save a new baseline)",
            ),
            _ => notes.push("time is not compared, since one of the runs has no reference"),
        }
        if errors(before) != errors(now) {
            notes.push("another share of the answers were errors, so the two runs may have done different work");
        }
        if !is_as_many {
            notes.push("the runs have different numbers of calls, so medians of memory are compared and not the most of it");
        }
        if !before.fuel.is_constant() || !now.fuel.is_constant() {
            notes.push("fuel is not the same in every call, so its medians are compared");
        }
        Self {
            is_worse: changes.iter().any(|change| change.counts && change.is_over),
            threshold,
            changes,
            notes,
        }
    }
}

/// How many in a hundred answers were errors.
fn errors(run: &Baseline) -> f64 {
    // In whole numbers as far as they go, so that the same share is the same number.
    (run.errors * 100) as f64 / run.calls.max(1) as f64
}

/// How many calls of the reference one call takes.
fn relative(run: &Baseline) -> Option<f64> {
    let reference = run.reference.as_ref()?.latency.p50_ns;
    (reference > 0).then(|| run.latency.p50_ns as f64 / reference as f64)
}

fn reference_digest(run: &Baseline) -> Option<crate::names::Digest> {
    Some(run.reference.as_ref()?.digest)
}

/// The comparison for a person.
pub fn human(verdict: &Verdict) -> String {
    let mut text = format!(
        "\nheld against the baseline, with a threshold of {} %: {}\n",
        verdict.threshold,
        verdict_word(verdict.is_worse)
    );
    for change in &verdict.changes {
        let number = |number: f64| match change.what {
            "time" => format!("{number:.2} × the reference"),
            "memory" => format!("{number:.0} bytes"),
            "errors" => format!("{number:.1} % of the answers"),
            _ => format!("{number:.0}"),
        };
        let mark = match (change.is_over, change.counts) {
            (false, _) => String::new(),
            (true, true) => style::paint(style::ERROR, "  too much"),
            (true, false) => style::paint(style::WARNING, "  more, and not counted"),
        };
        let percent = match change.before == 0.0 && change.now > 0.0 {
            true => "none before".to_owned(),
            false => format!("{:+.1} %", change.percent),
        };
        text.push_str(&format!(
            "  {:<10} {} → {} ({percent}){mark}\n",
            change.what,
            number(change.before),
            number(change.now),
        ));
    }
    for note in &verdict.notes {
        text.push_str(&format!("  {}\n", render::harmless(note)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::baseline::tests::sample;
    use super::*;
    use crate::names::Digest;

    fn worse(before: &Baseline, now: &Baseline, threshold: f64, fail_on_time: bool) -> bool {
        Verdict::of(before, now, threshold, fail_on_time).is_worse
    }

    #[test]
    fn fuel_and_memory_over_the_threshold_are_a_regression() {
        let before = sample(1_000, 2_000);
        let check = |fuel, threshold, expected| {
            let found = worse(&before, &sample(fuel, 2_000), threshold, false);
            assert_eq!(found, expected, "{fuel} at {threshold} %");
        };
        check(1_000, 0.0, false);
        check(1_001, 0.0, true);
        check(1_050, 5.0, false);
        check(1_051, 5.0, true);
        check(500, 0.0, false);
        let mut large = sample(1_000, 2_000);
        large.memory_bytes.max *= 2;
        assert!(worse(&before, &large, 5.0, false));
        assert!(!worse(&large, &before, 5.0, false));
    }

    #[test]
    fn a_larger_share_of_errors_is_worse_however_little_they_take() {
        let before = Baseline {
            errors: 2,
            ..sample(1_000, 2_000)
        };
        let check = |errors, calls, expected| {
            let now = Baseline {
                errors,
                calls,
                ..sample(10, 2_000)
            };
            let found = worse(&before, &now, 5.0, false);
            assert_eq!(found, expected, "{errors} of {calls}");
        };
        check(10, 10, true);
        check(3, 10, true);
        check(2, 10, false);
        check(0, 10, false);
        // The share counts, not the number.
        check(40, 200, false);
        check(43, 200, true);
        check(2, 9, true);
        let broken = Baseline {
            errors: 10,
            ..sample(10, 2_000)
        };
        let verdict = Verdict::of(&sample(1_000, 2_000), &broken, 5.0, false);
        assert!(verdict.is_worse);
        let told = human(&verdict);
        assert!(told.contains("0.0 % of the answers → 100.0 %"), "{told}");
        assert!(told.contains("(none before)"), "{told}");
    }

    #[test]
    fn the_most_of_memory_is_held_against_as_many_calls_alone() {
        let before = sample(1_000, 2_000);
        let mut now = sample(1_000, 2_000);
        now.memory_bytes.max *= 2;
        assert!(worse(&before, &now, 5.0, false));
        now.calls *= 5;
        let verdict = Verdict::of(&before, &now, 5.0, false);
        assert!(!verdict.is_worse);
        let is_said = |note: &&str| note.contains("different numbers of calls");
        assert!(verdict.notes.iter().any(is_said));
        now.memory_bytes.median *= 2;
        assert!(worse(&before, &now, 5.0, false));
    }

    #[test]
    fn time_counts_where_it_is_wished_and_as_a_multiple_of_the_reference() {
        let before = sample(1_000, 2_000);
        let slow = sample(1_000, 4_000);
        assert!(!worse(&before, &slow, 5.0, false));
        assert!(worse(&before, &slow, 5.0, true));
        // The whole machine is half as fast.
        let mut slow_machine = slow;
        if let Some(reference) = &mut slow_machine.reference {
            reference.latency.p50_ns *= 2;
        }
        assert!(!worse(&before, &slow_machine, 5.0, true));
    }

    #[test]
    fn time_is_not_held_against_another_reference() {
        let before = sample(1_000, 2_000);
        let mut slow = sample(1_000, 4_000);
        if let Some(reference) = &mut slow.reference {
            reference.digest = Digest::of(b"another");
        }
        let verdict = Verdict::of(&before, &slow, 5.0, true);
        assert!(!verdict.is_worse);
        assert!(
            verdict
                .notes
                .iter()
                .any(|note| note.contains("another component"))
        );
        slow.reference = None;
        let verdict = Verdict::of(&before, &slow, 5.0, true);
        assert!(
            verdict
                .notes
                .iter()
                .any(|note| note.contains("no reference"))
        );
    }
}
