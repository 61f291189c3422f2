//! The figures of one run, as they are printed, kept and read again.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::figures::{Latency, Spread};
use super::measure::{Measured, Plan};
use crate::cli::exit::Problem;
use crate::contract::JsonObject;
use crate::names::Digest;

/// The form of the file. It goes up when a key changes its meaning.
const VERSION: u64 = 1;

/// Bytes of a baseline. An honest one has two thousand, and its arguments.
const BYTES_MAX: u64 = 20 << 20;

/// The figures of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Baseline {
    /// The form of the file.
    pub version: u64,
    /// The tool's whole name.
    pub tool: String,
    /// What it was called with.
    pub arguments: JsonObject,
    /// Whose tool it is.
    pub plugin: Plugin,
    /// Measured calls.
    pub calls: u64,
    /// Calls before.
    pub warm_up: u64,
    /// Calls at one time.
    pub concurrency: u64,
    /// Answers that were errors of the tool's own.
    pub errors: u64,
    /// Nanoseconds of a call.
    pub latency: Latency,
    /// Calls per second, with so many at one time.
    pub calls_per_second: f64,
    /// Units of fuel in a call.
    pub fuel: Spread,
    /// Bytes of linear memory in a call.
    pub memory_bytes: Spread,
    /// Microseconds of a core in a call.
    pub cpu_us: Spread,
    /// The measure of the machine.
    pub reference: Option<Reference>,
}

/// Whose tool it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// Its version, for people.
    pub version: String,
    /// Its component.
    pub digest: Digest,
}

/// The measure of the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// The tool's whole name.
    pub tool: String,
    /// Its component: another one is another measure.
    pub digest: Digest,
    /// Nanoseconds of a call.
    pub latency: Latency,
}

impl Baseline {
    /// The figures of a run; none when it was interrupted before the first call ended.
    pub fn of(plan: &Plan<'_>, measured: &Measured) -> Option<Self> {
        let samples = &measured.samples;
        let usage = |number: fn(&crate::host::Usage) -> u64| {
            Spread::of(samples.iter().map(|sample| number(&sample.usage)))
        };
        let seconds = measured.elapsed.as_secs_f64().max(f64::EPSILON);
        let reference = measured.reference.as_ref().and_then(|reference| {
            Some(Reference {
                tool: reference.tool.to_owned(),
                digest: reference.digest,
                latency: Latency::of(reference.samples.iter().map(|sample| sample.ns))?,
            })
        });
        Some(Self {
            version: VERSION,
            tool: measured.tool.clone(),
            arguments: plan.arguments.clone(),
            plugin: Plugin {
                name: measured.identity.name.to_string(),
                version: measured.version.clone(),
                digest: measured.identity.digest,
            },
            calls: samples.len() as u64,
            warm_up: plan.warm_up,
            concurrency: plan.concurrency,
            errors: measured.errors,
            latency: Latency::of(samples.iter().map(|sample| sample.ns))?,
            calls_per_second: samples.len() as f64 / seconds,
            fuel: usage(|usage| usage.fuel)?,
            memory_bytes: usage(|usage| usage.memory_bytes)?,
            cpu_us: usage(|usage| usage.cpu_us)?,
            reference,
        })
    }

    /// Reads what a run kept.
    ///
    /// # Errors
    /// When there is no such file, or it is something else.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let refuse = |problem: String, hint: &str| {
            Problem::broken(format!(
                "baseline `{}` {problem} (hint: {hint})",
                path.display()
            ))
        };
        let again = "`portcullis bench … --save` writes one";
        let unreadable = |error| refuse(format!("cannot be read: {error}"), again);
        let mut text = String::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        Self::parse(&text).map_err(|problem| refuse(problem, again))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(other) => {
                return Err(format!(
                    "is of version {other}, and this program reads {VERSION}"
                ));
            }
            None => return Err("has no key `version`".to_owned()),
        }
        // From the text once more, which gives the errors their lines.
        serde_json::from_str(text).map_err(|error| format!("makes no sense: {error}"))
    }

    /// As a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// Refuses to compare what differs in more than what was measured, as far as that is known before anything is started.
    ///
    /// # Errors
    /// When the baseline is for other arguments, or another number of calls at one time.
    pub fn check_plan(&self, plan: &Plan<'_>, path: &Path) -> Result<(), Problem> {
        if self.arguments != *plan.arguments {
            let before = Value::Object(self.arguments.clone());
            return Err(other(path, &format!("for other arguments: {before}")));
        }
        if self.concurrency != plan.concurrency {
            let n = self.concurrency;
            return Err(other(path, &format!("for {n} calls at one time")));
        }
        Ok(())
    }

    /// The same for the tool, whose whole name is known once its plugin is there.
    ///
    /// # Errors
    /// When the baseline is of another tool.
    pub fn check_tool(&self, tool: &str, path: &Path) -> Result<(), Problem> {
        match self.tool == tool {
            true => Ok(()),
            false => Err(other(
                path,
                &format!("of the tool `{}`, not of `{tool}`", self.tool),
            )),
        }
    }
}

fn other(path: &Path, what: &str) -> Problem {
    Problem::broken(format!(
        "baseline `{}` is {what} (hint: measure the same, or write another with `--save`)",
        path.display()
    ))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Some figures.
    pub fn sample(fuel: u64, p50_ns: u64) -> Baseline {
        let latency = |p50_ns| Latency {
            p50_ns,
            p90_ns: p50_ns,
            p99_ns: p50_ns,
            max_ns: p50_ns,
            deviation_ns: 0,
        };
        let spread = |median| Spread {
            min: median,
            median,
            max: median,
        };
        Baseline {
            version: VERSION,
            tool: "a__b".to_owned(),
            arguments: JsonObject::new(),
            plugin: Plugin {
                name: "a".to_owned(),
                version: "1.0.0".to_owned(),
                digest: Digest::of(b"a"),
            },
            calls: 10,
            warm_up: 1,
            concurrency: 1,
            errors: 0,
            latency: latency(p50_ns),
            calls_per_second: 1.5,
            fuel: spread(fuel),
            memory_bytes: spread(1 << 20),
            cpu_us: spread(3),
            reference: Some(Reference {
                tool: "calculator__add".to_owned(),
                digest: Digest::of(b"c"),
                latency: latency(1_000),
            }),
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let kept = sample(100, 2_000);
        let text = String::from_utf8(kept.to_bytes()).expect("it is text");
        assert_eq!(Baseline::parse(&text), Ok(kept));
    }

    #[test]
    fn a_file_that_is_something_else_is_refused_with_what_is_wrong() {
        let good = String::from_utf8(sample(1, 1).to_bytes()).expect("it is text");
        let check = |text: &str, words: &str| {
            let said = Baseline::parse(text).expect_err("it is bad");
            assert!(said.contains(words), "{said}");
        };
        check("", "is not JSON");
        check("{}", "no key `version`");
        check(
            &good.replace("\"version\": 1,", "\"version\": 2,"),
            "of version 2",
        );
        check(&good.replace("\"fuel\"", "\"fule\""), "`fule`");
        check(&good.replace("\"calls\": 10", "\"calls\": \"ten\""), "line");
    }

    #[test]
    fn only_the_same_is_compared() {
        let path = Path::new("b.json");
        let arguments = |x: i32| [("x".to_owned(), Value::from(x))].into_iter().collect();
        let before = Baseline {
            arguments: arguments(1),
            ..sample(1, 1)
        };
        let check = |x, concurrency, tool, words: Option<&str>| {
            let plan = Plan {
                tool,
                arguments: &arguments(x),
                calls: 1_000,
                warm_up: 0,
                concurrency,
            };
            let same = before.check_plan(&plan, path);
            let same = same.and_then(|()| before.check_tool(tool, path));
            let said = same.err().map(|problem| problem.message);
            assert_eq!(said.is_some(), words.is_some(), "{said:?}");
            assert!(said.unwrap_or_default().contains(words.unwrap_or_default()));
        };
        check(1, 1, "a__b", None);
        check(1, 1, "a__c", Some("of the tool `a__b`, not of `a__c`"));
        check(2, 1, "a__b", Some("other arguments: {\"x\":1}"));
        check(1, 4, "a__b", Some("for 1 calls at one time"));
    }
}
