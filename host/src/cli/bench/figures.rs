//! Figures of many calls, in few numbers.

use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use crate::cli::style;
use crate::host::Usage;

/// What one call took.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Nanoseconds from the question to the answer, in this process.
    pub ns: u64,
    /// What the host counted.
    pub usage: Usage,
}

/// How some numbers are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spread {
    /// The least.
    pub min: u64,
    /// The one in the middle.
    pub median: u64,
    /// The most.
    pub max: u64,
}

/// How times are spread, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Latency {
    /// Half of the calls took no longer.
    pub p50_ns: u64,
    /// Nine in ten took no longer.
    pub p90_ns: u64,
    /// Ninety-nine in a hundred took no longer.
    pub p99_ns: u64,
    /// None took longer.
    pub max_ns: u64,
    /// Half of the calls lie no further from `p50_ns`: the median absolute deviation.
    pub deviation_ns: u64,
}

impl Spread {
    /// Of some numbers; none of none.
    pub fn of(numbers: impl Iterator<Item = u64>) -> Option<Self> {
        let mut sorted: Vec<_> = numbers.collect();
        sorted.sort_unstable();
        Some(Self {
            min: *sorted.first()?,
            median: at(&sorted, 50)?,
            max: *sorted.last()?,
        })
    }

    /// Whether all of them are one.
    pub fn is_constant(&self) -> bool {
        self.min == self.max
    }
}

impl Latency {
    /// Of some times; none of none.
    pub fn of(ns: impl Iterator<Item = u64>) -> Option<Self> {
        let mut sorted: Vec<_> = ns.collect();
        sorted.sort_unstable();
        let p50_ns = at(&sorted, 50)?;
        let mut away: Vec<_> = sorted.iter().map(|ns| ns.abs_diff(p50_ns)).collect();
        away.sort_unstable();
        Some(Self {
            p50_ns,
            p90_ns: at(&sorted, 90)?,
            p99_ns: at(&sorted, 99)?,
            max_ns: *sorted.last()?,
            deviation_ns: at(&away, 50)?,
        })
    }
}

/// The number that so many in a hundred do not exceed.
fn at(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// The figures for a person.
pub fn human(now: &Baseline) -> String {
    let name = style::paint(style::STRONG, crate::cli::render::harmless(&now.tool));
    let mut text = format!(
        "{name}: {} calls, {} at a time, after {} to warm up\n",
        now.calls, now.concurrency, now.warm_up
    );
    let mut line = |title: &str, words: &str| text.push_str(&format!("  {title:<10} {words}\n"));
    line("latency", &latency(&now.latency));
    line(
        "rate",
        &format!("{:.0} calls per second", now.calls_per_second),
    );
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let fuel = &now.fuel;
    if fuel.is_constant() {
        line("fuel", &format!("{} in every call", fuel.median));
    } else {
        line(
            "fuel",
            &format!(
                "min {}  median {}  max {}: it is not the same in every call, so the tool depends on a clock, on chance, or on \
                 what it keeps",
                fuel.min, fuel.median, fuel.max
            ),
        );
    }
    line(
        "memory",
        &format!(
            "median {}  max {}",
            mib(now.memory_bytes.median),
            mib(now.memory_bytes.max)
        ),
    );
    line(
        "cpu",
        &format!("median {} µs  max {} µs", now.cpu_us.median, now.cpu_us.max),
    );
    match now.errors {
        0 => line("errors", "none"),
        errors => line(
            "errors",
            &format!("{errors} answers were errors of the tool's own"),
        ),
    }
    match &now.reference {
        Some(reference) => line(
            "reference",
            &format!("{}: {}", reference.tool, latency(&reference.latency)),
        ),
        None => line(
            "reference",
            "none, since the shipped `calculator__add` was not to be had: another plugin has its name, it did not start, or no \
             call of it ended",
        ),
    }
    text
}

fn latency(latency: &Latency) -> String {
    format!(
        "p50 {}  p90 {}  p99 {}  max {}  ± {}",
        time(latency.p50_ns),
        time(latency.p90_ns),
        time(latency.p99_ns),
        time(latency.max_ns),
        time(latency.deviation_ns)
    )
}

/// A time in the unit in which it has few digits.
fn time(ns: u64) -> String {
    let ns = ns as f64;
    match ns {
        ..1e6 => format!("{:.1} µs", ns / 1e3),
        ..1e9 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_of_numbers_that_were_there() {
        let check = |numbers: &[u64], expected: Option<(u64, u64, u64)>| {
            let spread = Spread::of(numbers.iter().copied());
            assert_eq!(
                spread.map(|spread| (spread.min, spread.median, spread.max)),
                expected
            );
        };
        check(&[], None);
        check(&[7], Some((7, 7, 7)));
        check(&[3, 1], Some((1, 1, 3)));
        check(&[3, 1, 2], Some((1, 2, 3)));
        check(&[9, 1, 1, 1], Some((1, 1, 9)));
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let latency = Latency::of(1..=100).expect("there are some");
        let found = [
            latency.p50_ns,
            latency.p90_ns,
            latency.p99_ns,
            latency.max_ns,
        ];
        assert_eq!((found, latency.deviation_ns), ([50, 90, 99, 100], 25));
        let one = Latency::of([5].into_iter()).expect("there is one");
        assert_eq!((one.p50_ns, one.p99_ns, one.deviation_ns), (5, 5, 0));
        assert_eq!(Latency::of([].into_iter()), None);
    }

    #[test]
    fn times_have_few_digits() {
        for (ns, expected) in [
            (1_234, "1.2 µs"),
            (12_345_678, "12.35 ms"),
            (2_500_000_000, "2.50 s"),
        ] {
            assert_eq!(time(ns), expected);
        }
    }
}
