//! What a plugin's calls use, measured over many runs, and the limits that follow from it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::play::{CaseIdx, Ensemble, Rules};
use crate::limits::{Limits, LimitsPatch};
use crate::runtime::Usage;

/// How many times as much fuel a call may use as the most that was seen: arguments of others are larger.
const FUEL_MARGIN: u64 = 4;

/// The least fuel that is proposed. Starting a plugin and reading its lists are bounded by the same limit.
const FUEL_LEAST: u64 = 50_000_000;

/// How many times as much memory.
const MEMORY_MARGIN: u64 = 2;

/// Memory is proposed in whole mebibytes.
const MEMORY_STEP: u64 = 1 << 20;

/// How many times as long: other machines are slower, and busy.
const TIME_MARGIN: u64 = 20;

/// The least time that is proposed, in milliseconds. A machine that wakes up needs so long.
const TIME_LEAST: u64 = 1_000;

/// How many times as many calls into the host.
const HOST_CALLS_MARGIN: u64 = 10;

/// The fewest that are proposed.
const HOST_CALLS_LEAST: u64 = 1_000;

/// What was measured of one thing that was called.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// What was called, such as ``tool `add` ``.
    pub call: String,
    /// How often.
    pub n_calls: usize,
    /// Units of fuel.
    pub fuel: Spread,
    /// Bytes of linear memory.
    pub memory_bytes: Spread,
    /// Microseconds by the clock on the wall.
    pub wall_us: Spread,
}

/// The middle, the twentieth part above, and the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Half are no more.
    pub p50: u64,
    /// Nineteen of twenty are no more.
    pub p95: u64,
    /// None is more.
    pub max: u64,
}

impl Spread {
    fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        // The nearest rank: a value that was seen.
        let at = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100).max(1);
            values.get(rank - 1).copied().unwrap_or_default()
        };
        Self {
            p50: at(50),
            p95: at(95),
            max: at(100),
        }
    }
}

/// What came of measuring.
#[derive(Debug, Clone, Serialize)]
pub struct Profile {
    /// What was called, in order.
    pub calls: Vec<Measured>,
    /// Cases that do not pass, whose calls are not measured.
    pub failed: Vec<String>,
    /// Limits with a margin, where they are below what a plugin gets by itself. None for time when a request was made: who
    /// answers in a case takes no time for it.
    pub limits: LimitsPatch,
    /// Whether something was measured, and all cases that pass do so under these limits.
    pub holds: bool,
}

impl Profile {
    /// The lines for plugin.json.
    pub fn lines(&self) -> String {
        let limits = serde_json::json!({ "limits": self.limits });
        let text = format!("{limits:#}");
        // Without the braces around it: it stands among other keys.
        let inner = text.lines().collect::<Vec<_>>();
        let inner = inner
            .get(1..inner.len().saturating_sub(1))
            .unwrap_or_default();
        inner.join("\n")
    }
}

impl Ensemble {
    /// Plays cases `n_times`, one after another, and proposes limits. `done` is told of each run. A case that fails once is
    /// not played again: what it does is not what it should do.
    pub async fn profile(
        &self,
        wanted: &[CaseIdx],
        rules: &Rules,
        n_times: usize,
        mut done: impl FnMut(),
    ) -> Profile {
        let mut usages: BTreeMap<String, Vec<Usage>> = BTreeMap::new();
        let mut failed = Vec::new();
        let mut has_asked = false;
        for idx in wanted {
            let mut steps = Vec::new();
            for _ in 0..n_times {
                let played = self.play(*idx, rules).await;
                done();
                let Some(report) = played.map(|played| played.report) else {
                    continue;
                };
                if !report.has_passed() {
                    steps.clear();
                    failed.push(report.name);
                    break;
                }
                steps.extend(report.steps);
            }
            for step in steps.into_iter().filter(|step| step.n_rounds > 0) {
                has_asked |= !step.requests.is_empty();
                usages.entry(step.call).or_default().push(step.usage);
            }
        }
        let most = usages
            .values()
            .flatten()
            .copied()
            .fold(Usage::default(), larger);
        let mut limits = match usages.is_empty() {
            true => LimitsPatch::default(),
            false => propose(&most),
        };
        if has_asked {
            limits.call_ms = None;
        }
        let holds = !usages.is_empty() && self.holds(wanted, rules, &limits).await;
        Profile {
            calls: usages.into_iter().map(measured).collect(),
            failed,
            limits,
            holds,
        }
    }

    /// Whether the cases that pass now pass under these limits as well.
    async fn holds(&self, wanted: &[CaseIdx], rules: &Rules, limits: &LimitsPatch) -> bool {
        let under = Rules {
            limits: limits.clone(),
            ..rules.clone()
        };
        for idx in wanted {
            let Some(before) = self.play(*idx, rules).await else {
                continue;
            };
            let after = self.play(*idx, &under).await;
            let passes = after.is_some_and(|after| after.report.has_passed());
            if before.report.has_passed() && !passes {
                return false;
            }
        }
        true
    }
}

fn measured((call, usages): (String, Vec<Usage>)) -> Measured {
    let spread = |of: fn(&Usage) -> u64| Spread::of(usages.iter().map(of).collect());
    Measured {
        call,
        n_calls: usages.len(),
        fuel: spread(|usage| usage.fuel),
        memory_bytes: spread(|usage| usage.memory_bytes),
        wall_us: spread(|usage| usage.wall_us),
    }
}

fn larger(a: Usage, b: Usage) -> Usage {
    Usage {
        fuel: a.fuel.max(b.fuel),
        wall_us: a.wall_us.max(b.wall_us),
        memory_bytes: a.memory_bytes.max(b.memory_bytes),
        host_calls: a.host_calls.max(b.host_calls),
        ..a
    }
}

/// Limits for the most that was used. A manifest can only ask for less than there is, so more is not proposed.
fn propose(most: &Usage) -> LimitsPatch {
    let defaults = Limits::default();
    let below = |proposed: u64, default: u64| (proposed < default).then_some(proposed);
    let fuel = round(most.fuel.saturating_mul(FUEL_MARGIN)).max(FUEL_LEAST);
    let memory = most
        .memory_bytes
        .saturating_mul(MEMORY_MARGIN)
        .max(MEMORY_STEP);
    let memory = memory
        .checked_next_multiple_of(MEMORY_STEP)
        .unwrap_or(u64::MAX);
    let ms = most.wall_us.div_ceil(1_000).saturating_mul(TIME_MARGIN);
    let host_calls = round(most.host_calls.saturating_mul(HOST_CALLS_MARGIN)).max(HOST_CALLS_LEAST);
    LimitsPatch {
        fuel: below(fuel, defaults.fuel),
        memory_bytes: below(memory, defaults.memory_bytes),
        call_ms: below(round(ms).max(TIME_LEAST), defaults.call_ms),
        host_calls: below(host_calls, defaults.host_calls),
        ..LimitsPatch::default()
    }
}

/// The next number with two digits before its zeros: a limit is no measurement.
fn round(number: u64) -> u64 {
    let digits = number.checked_ilog10().unwrap_or(0);
    let step = 10u64.pow(digits.saturating_sub(1));
    number.checked_next_multiple_of(step).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_of_values_that_were_seen() {
        let check = |values: &[u64], p50, p95, max| {
            assert_eq!(Spread::of(values.to_vec()), Spread { p50, p95, max });
        };
        check(&[], 0, 0, 0);
        check(&[7], 7, 7, 7);
        check(&[3, 1, 2], 2, 3, 3);
        let hundred: Vec<_> = (1..=100).collect();
        check(&hundred, 50, 95, 100);
    }

    #[test]
    fn a_limit_is_proposed_with_a_margin_and_only_where_it_lowers_something() {
        let small = propose(&Usage {
            fuel: 123_456_789,
            wall_us: 100_000,
            memory_bytes: 3_000_000,
            host_calls: 3,
            ..Usage::default()
        });
        assert_eq!(
            small.entries(),
            [
                ("fuel", 500_000_000),
                ("call_ms", 2_000),
                ("memory_bytes", 6 << 20),
                ("host_calls", 1_000)
            ]
        );
        let large = propose(&Usage {
            fuel: u64::MAX,
            wall_us: u64::MAX,
            memory_bytes: u64::MAX,
            host_calls: u64::MAX,
            ..Usage::default()
        });
        assert_eq!(large, LimitsPatch::default());
        assert_eq!(propose(&Usage::default()).fuel, Some(FUEL_LEAST));
    }

    #[test]
    fn a_limit_reads_like_one() {
        for (number, expected) in [
            (0, 0),
            (7, 7),
            (99, 99),
            (101, 110),
            (1_234, 1_300),
            (493_827_156, 500_000_000),
        ] {
            assert_eq!(round(number), expected, "{number}");
        }
    }
}
