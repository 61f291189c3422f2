//! The calls themselves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::figures::Sample;
use crate::cli::args::Common;
use crate::cli::exit::Problem;
use crate::cli::progress::{self, Progress};
use crate::cli::shipped::SHIPPED;
use crate::cli::{call, setup};
use crate::config::Config;
use crate::contract::JsonObject;
use crate::host::{Call, Component, Host, Reply, Retry, ToolReply, install};
use crate::names::{Digest, Identity};

/// The shipped plugin whose tool is the measure of the machine, and that tool with its arguments.
const REFERENCE: (&str, &str, &str) = ("calculator", "calculator__add", r#"{"a": 2, "b": 3}"#);

/// The calls are made in so many turns, with calls of the reference before each, so that what slows the machine down for a
/// while slows both.
const TURNS: u64 = 10;

/// Calls of the reference in one turn at least, since a turn of two calls measures nothing.
const REFERENCE_CALLS_MIN: u64 = 20;

/// And at most: more say nothing new.
const REFERENCE_CALLS_MAX: u64 = 1_000;

/// What is measured.
pub struct Plan<'a> {
    /// The tool, as the user wrote it.
    pub tool: &'a str,
    /// Its arguments.
    pub arguments: &'a JsonObject,
    /// Measured calls.
    pub calls: u64,
    /// Calls before.
    pub warm_up: u64,
    /// Calls at one time.
    pub concurrency: u64,
}

/// What came of it.
pub struct Measured {
    /// The tool's whole name.
    pub tool: String,
    /// Whose tool it is.
    pub identity: Identity,
    /// The version of that plugin.
    pub version: String,
    /// One for each call.
    pub samples: Vec<Sample>,
    /// Answers that were errors of the tool's own.
    pub errors: u64,
    /// How long the measured calls took, all together.
    pub elapsed: Duration,
    /// The reference, when there is one.
    pub reference: Option<Reference>,
    /// Whether somebody pressed Ctrl-C before the end.
    pub is_interrupted: bool,
}

/// The reference in the same run.
pub struct Reference {
    /// Its name.
    pub tool: &'static str,
    /// The component it comes from.
    pub digest: Digest,
    /// One for each call.
    pub samples: Vec<Sample>,
}

/// Calls of one kind.
#[derive(Default)]
struct Batch {
    samples: Vec<Sample>,
    errors: u64,
}

/// Starts a host, and calls, unless `check` refuses the tool by its whole name.
pub async fn run(
    common: &Common,
    plan: &Plan<'_>,
    check: impl FnOnce(&str) -> Result<(), Problem>,
) -> Result<Measured, Problem> {
    let config = setup::config(common)?;
    let mut plugins = setup::plugins(&config, common);
    let is_reference = |identity: &Identity| identity.name.as_str() == REFERENCE.0;
    let is_taken = plugins.iter().flatten().any(|plugin| {
        is_reference(&plugin.identity) && !matches!(plugin.component, Component::BuiltIn(_))
    });
    let is_there = plugins
        .iter()
        .flatten()
        .any(|plugin| is_reference(&plugin.identity));
    if !is_there {
        // The operator does without the shipped plugins; this one serves nobody but this run.
        let shipped: Vec<_> = SHIPPED
            .into_iter()
            .filter(|(name, _)| *name == REFERENCE.0)
            .collect();
        plugins.extend(install(&Config::default(), &[], &shipped));
    }
    let known: Vec<(Identity, String)> = plugins
        .iter()
        .flatten()
        .map(|plugin| (plugin.identity.clone(), plugin.manifest.version.to_string()))
        .collect();
    let reference = known.iter().find(|(identity, _)| is_reference(identity));
    let reference = reference.filter(|_| !is_taken);
    let host = Host::start(setup::premises(&config)?, plugins);
    progress::explain_a_slow_start(host.clone());
    host.settled().await;
    let catalogue = host.catalogue_now();
    let reference = reference.filter(|_| catalogue.tool(REFERENCE.1).is_some());
    let Some(tool) = catalogue.tool(plan.tool) else {
        setup::warn_of_failures(&host);
        return Err(Problem::failure(format!(
            "there is no tool `{}` (hint: `portcullis list` shows what there is)",
            plan.tool
        )));
    };
    let name = tool.public.to_string();
    check(&name)?;
    let owner = known
        .iter()
        .find(|(identity, _)| identity.name == tool.plugin);
    let (identity, version) = owner
        .cloned()
        .ok_or_else(|| Problem::failure(format!("nobody knows whose tool `{}` is", plan.tool)))?;
    let stop = stop_on_interrupt();
    let runner = Runner {
        host: host.clone(),
        concurrency: plan.concurrency,
        stop: stop.clone(),
    };
    let mut measured = Measured {
        tool: name.clone(),
        identity,
        version,
        samples: Vec::new(),
        errors: 0,
        elapsed: Duration::ZERO,
        reference: reference.map(|(identity, _)| Reference {
            tool: REFERENCE.1,
            digest: identity.digest,
            samples: Vec::new(),
        }),
        is_interrupted: false,
    };
    let outcome = runner.turns(plan, &name, &mut measured).await;
    host.shutdown().await;
    outcome.map_err(Problem::failure)?;
    measured.is_interrupted = stop.is_cancelled();
    Ok(measured)
}

/// Fires when somebody presses Ctrl-C.
fn stop_on_interrupt() -> CancellationToken {
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        // Without a handler Ctrl-C ends the process by itself.
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    stop
}

struct Runner {
    host: Host,
    concurrency: u64,
    stop: CancellationToken,
}

impl Runner {
    /// Everything in its order: first what warms up, then turn after turn.
    async fn turns(
        &self,
        plan: &Plan<'_>,
        name: &str,
        measured: &mut Measured,
    ) -> Result<(), String> {
        let progress = Progress::start(format!("warming up `{name}`"));
        let arguments = serde_json::from_str(REFERENCE.2).unwrap_or_default();
        let reference_calls = (plan.calls / TURNS).clamp(REFERENCE_CALLS_MIN, REFERENCE_CALLS_MAX);
        self.batch(name, plan.arguments, plan.warm_up).await?;
        if measured.reference.is_some() {
            self.batch(
                REFERENCE.1,
                &arguments,
                plan.warm_up.min(REFERENCE_CALLS_MAX),
            )
            .await?;
        }
        for turn in 0..TURNS {
            let calls = share(plan.calls, turn);
            if calls == 0 || self.stop.is_cancelled() {
                continue;
            }
            let done = measured.samples.len();
            progress.say(format!(
                "measuring `{name}`: {done} of {} calls",
                plan.calls
            ));
            if let Some(reference) = &mut measured.reference {
                let batch = self.batch(REFERENCE.1, &arguments, reference_calls).await?;
                reference.samples.extend(batch.samples);
            }
            let started = Instant::now();
            let batch = self.batch(name, plan.arguments, calls).await?;
            measured.elapsed += started.elapsed();
            measured.samples.extend(batch.samples);
            measured.errors += batch.errors;
        }
        Ok(())
    }

    /// Some calls, as many at a time as wanted. Ends early when somebody interrupts.
    async fn batch(&self, tool: &str, arguments: &JsonObject, calls: u64) -> Result<Batch, String> {
        let left = Arc::new(AtomicU64::new(calls));
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..self.concurrency.min(calls) {
            let (host, stop, left) = (self.host.clone(), self.stop.clone(), left.clone());
            let (tool, arguments) = (tool.to_owned(), arguments.clone());
            workers.spawn(async move {
                let mut batch = Batch::default();
                while !stop.is_cancelled() && take(&left) {
                    tokio::select! {
                        called = once(&host, &tool, &arguments) => {
                            let (sample, is_error) = called?;
                            batch.samples.push(sample);
                            batch.errors += u64::from(is_error);
                        }
                        () = stop.cancelled() => {}
                    }
                }
                Ok::<_, String>(batch)
            });
        }
        let mut all = Batch::default();
        while let Some(ended) = workers.join_next().await {
            let batch = ended.map_err(|error| format!("a call broke off: {error}"))??;
            all.samples.extend(batch.samples);
            all.errors += batch.errors;
        }
        Ok(all)
    }
}

/// Takes one of the calls that are left.
fn take(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}

/// The calls of one turn, so that all turns together make all calls.
fn share(calls: u64, turn: u64) -> u64 {
    calls / TURNS + u64::from(turn < calls % TURNS)
}

/// One call, and whether its answer is an error of the tool's own.
async fn once(host: &Host, tool: &str, arguments: &JsonObject) -> Result<(Sample, bool), String> {
    let used = Arc::new(OnceLock::new());
    let request = Call {
        usage: Some(used.clone()),
        ..call::request()
    };
    let arguments = arguments.clone();
    let started = Instant::now();
    let reply = host
        .call_tool(tool, arguments, Retry::default(), request)
        .await;
    let elapsed = started.elapsed();
    let is_error = match reply.map_err(|error| error.to_string())? {
        Reply::Complete(ToolReply::Result(result)) => result.is_error,
        Reply::Complete(ToolReply::Task(_)) => {
            return Err(format!(
                "`{tool}` begins a task, whose rounds nobody waits for (hint: measure a tool that answers at once)"
            ));
        }
        Reply::InputRequired(_) => {
            return Err(format!(
                "`{tool}` asks before it answers (hint: measure a tool that answers at once)"
            ));
        }
    };
    let sample = Sample {
        ns: u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX),
        usage: used.get().copied().unwrap_or_default(),
    };
    Ok((sample, is_error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_turns_together_make_all_calls() {
        for calls in [1, 9, 10, 11, 200, 1_001] {
            let sum: u64 = (0..TURNS).map(|turn| share(calls, turn)).sum();
            assert_eq!(sum, calls);
        }
    }
}
