//! One plugin, ready to be called: each call in a fresh instance, under all its limits.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wasmtime::Store;
use wasmtime::component::Instance;

use super::bindings::exports::portcullis::plugin::{
    completion, lifecycle, prompts, resources, tools,
};
use super::bindings::portcullis::plugin::{call as claimed, types};
use super::call::{Answer, Call};
use super::claims;
use super::engine::{Code, Engine};
use super::failure::{Failure, FailureKind, classify, fits};
use super::guest::Guest;
use super::log::PluginLog;
use super::nursery::Nursery;
use crate::contract::{
    Context, JsonObject, PluginError, PromptResult, ReadResult, Reference, Suggestions, ToolResult,
};
use crate::limits::Limits;
use crate::names::{LocalName, PluginName};

/// What a plugin said, its own "this call is broken" included.
pub type Said<T> = Result<Answer<Result<T, PluginError>>, Failure>;

/// A plugin with its code, its limits and its log. Calls may come from many tasks at once.
pub struct Plugin {
    pub(super) name: PluginName,
    pub(super) code: Code,
    pub(super) limits: Limits,
    nursery: Nursery,
    /// One permit for each call that may run at one time.
    turns: Semaphore,
}

/// How long a visit to a guest may take, and what it is called when it takes longer.
#[derive(Clone, Copy)]
pub(super) struct Allowance {
    pub(super) what: &'static str,
    pub(super) limit: &'static str,
    pub(super) ms: u64,
    pub(super) until: Instant,
}

impl Allowance {
    pub(super) fn new(what: &'static str, limit: &'static str, ms: u64) -> Self {
        Self {
            what,
            limit,
            ms,
            until: Instant::now() + Duration::from_millis(ms),
        }
    }
}

impl Plugin {
    /// Puts a plugin together.
    pub fn new(
        name: PluginName,
        engine: Engine,
        code: Code,
        limits: Limits,
        log: Arc<PluginLog>,
    ) -> Self {
        let turns = Semaphore::new(
            usize::try_from(limits.concurrent_calls).unwrap_or(Semaphore::MAX_PERMITS),
        );
        let nursery = Nursery::new(engine, code.pre.clone(), limits.clone(), log);
        Self {
            name,
            code,
            limits,
            nursery,
            turns,
        }
    }

    /// Tells the plugin that its service begins, when it wants to be told.
    ///
    /// # Errors
    /// When it refuses, or breaks a limit.
    pub async fn activate(&self) -> Result<(), Failure> {
        let Some(lifecycle) = self.code.interfaces.lifecycle.clone() else {
            return Ok(());
        };
        let allowance = Allowance::new("starting", "start_ms", self.limits.start_ms);
        let answer = self
            .visit(Call::default(), allowance, move |store, instance| {
                async move {
                    let lifecycle = fits(lifecycle.load(&mut *store, &instance))?;
                    lifecycle.call_activate(store).await
                }
                .boxed()
            })
            .await?;
        match answer.value {
            Ok(()) => Ok(()),
            Err(error) => {
                let error =
                    claims::plugin_error(error).map_err(|nonsense| self.nonsense(nonsense))?;
                let reason = super::log::printable(&error.to_string());
                Err(self.failure(FailureKind::Inactive(reason)))
            }
        }
    }

    /// Tells the plugin that its service ends because the host goes down, when it wants to be told.
    ///
    /// # Errors
    /// When it breaks a limit; nothing depends on it any more.
    pub async fn deactivate(&self) -> Result<(), Failure> {
        let Some(lifecycle) = self.code.interfaces.lifecycle.clone() else {
            return Ok(());
        };
        let allowance = Allowance::new("ending", "start_ms", self.limits.start_ms);
        let reason = lifecycle::DeactivationReason::Shutdown;
        self.visit(Call::default(), allowance, move |store, instance| {
            async move {
                let lifecycle = fits(lifecycle.load(&mut *store, &instance))?;
                lifecycle.call_deactivate(store, reason).await
            }
            .boxed()
        })
        .await
        .map(|_| ())
    }

    /// Calls a tool. `arguments` is an object that was checked against its schema.
    ///
    /// # Errors
    /// When the plugin could not answer.
    pub async fn call_tool(
        &self,
        name: &LocalName,
        arguments: &Value,
        call: Call,
    ) -> Said<ToolResult> {
        let Some(tools) = self.code.interfaces.tools.clone() else {
            return Err(self.not_exported());
        };
        let request = tools::CallRequest {
            name: name.to_string(),
            arguments: arguments.to_string(),
            continuation: first_round(),
        };
        let context = self.context(&call.context);
        let answer = self
            .visit(call, self.call_allowance(), move |store, instance| {
                async move {
                    let tools = fits(tools.load(&mut *store, &instance))?;
                    tools.call_call(store, &request, &context).await
                }
                .boxed()
            })
            .await?;
        self.read(answer, |outcome| match outcome {
            tools::CallOutcome::Complete(result) => {
                claims::tool_result(result).map_err(|said| self.nonsense(said))
            }
            tools::CallOutcome::InputRequired(_) => {
                Err(self.not_served("asks a question before it answers"))
            }
            tools::CallOutcome::Task(_) => Err(self.not_served("wants to answer later, as a task")),
        })
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// When the plugin could not answer.
    pub async fn read_resource(&self, uri: &str, call: Call) -> Said<ReadResult> {
        let Some(resources) = self.code.interfaces.resources.clone() else {
            return Err(self.not_exported());
        };
        let request = resources::ReadRequest {
            uri: uri.to_owned(),
            continuation: first_round(),
        };
        let context = self.context(&call.context);
        let answer = self
            .visit(call, self.call_allowance(), move |store, instance| {
                async move {
                    let resources = fits(resources.load(&mut *store, &instance))?;
                    resources.call_read(store, &request, &context).await
                }
                .boxed()
            })
            .await?;
        self.read(answer, |outcome| match outcome {
            resources::ReadOutcome::Complete(result) => {
                claims::read_result(result).map_err(|said| self.nonsense(said))
            }
            resources::ReadOutcome::InputRequired(_) => {
                Err(self.not_served("asks a question before it answers"))
            }
        })
    }

    /// Fills in a prompt.
    ///
    /// # Errors
    /// When the plugin could not answer.
    pub async fn get_prompt(
        &self,
        name: &LocalName,
        arguments: Vec<(String, String)>,
        call: Call,
    ) -> Said<PromptResult> {
        let Some(prompts) = self.code.interfaces.prompts.clone() else {
            return Err(self.not_exported());
        };
        let request = prompts::GetRequest {
            name: name.to_string(),
            arguments,
            continuation: first_round(),
        };
        let context = self.context(&call.context);
        let answer = self
            .visit(call, self.call_allowance(), move |store, instance| {
                async move {
                    let prompts = fits(prompts.load(&mut *store, &instance))?;
                    prompts.call_get(store, &request, &context).await
                }
                .boxed()
            })
            .await?;
        self.read(answer, |outcome| match outcome {
            prompts::GetOutcome::Complete(result) => {
                claims::prompt_result(result).map_err(|said| self.nonsense(said))
            }
            prompts::GetOutcome::InputRequired(_) => {
                Err(self.not_served("asks a question before it answers"))
            }
        })
    }

    /// Asks for suggestions. A plugin that does not complete has none.
    ///
    /// # Errors
    /// When the plugin could not answer.
    pub async fn complete(
        &self,
        reference: Reference,
        argument: String,
        value: String,
        others: Vec<(String, String)>,
        call: Call,
    ) -> Said<Suggestions> {
        let Some(completion) = self.code.interfaces.completion.clone() else {
            return Ok(Answer {
                value: Ok(Suggestions::default()),
                notices: super::Notices::default(),
            });
        };
        let reference = match reference {
            Reference::Prompt(name) => completion::Reference::Prompt(name),
            Reference::ResourceTemplate(template) => {
                completion::Reference::ResourceTemplate(template)
            }
        };
        let request = completion::CompleteRequest {
            reference,
            argument,
            value,
            others,
        };
        let context = self.context(&call.context);
        let answer = self
            .visit(call, self.call_allowance(), move |store, instance| {
                async move {
                    let completion = fits(completion.load(&mut *store, &instance))?;
                    completion.call_complete(store, &request, &context).await
                }
                .boxed()
            })
            .await?;
        self.read(answer, |suggestions| Ok(claims::suggestions(suggestions)))
    }

    /// Does one thing in a fresh instance, under all limits, and drops the instance.
    ///
    /// Whatever ends it early (deadline, cancellation, a trap, a panic of the host) drops the store, so nothing ever
    /// enters an instance again that did not come to its end.
    pub(super) async fn visit<T: Send>(
        &self,
        call: Call,
        allowance: Allowance,
        body: impl for<'a> FnOnce(&'a mut Store<Guest>, Instance) -> BoxFuture<'a, wasmtime::Result<T>>
        + Send,
    ) -> Result<Answer<T>, Failure> {
        let cancelled = call.cancelled.clone();
        let has_turn = AtomicBool::new(false);
        let work = async {
            // Nobody closes the semaphore, so waiting for a permit cannot fail.
            let _turn = self.turns.acquire().await;
            has_turn.store(true, Ordering::Relaxed);
            self.run(call, body).await
        };
        let work = AssertUnwindSafe(tokio::time::timeout_at(allowance.until, work)).catch_unwind();
        let ended = tokio::select! {
            biased;
            ended = work => ended,
            () = self.patience_after(&cancelled) => return Err(self.failure(FailureKind::Cancelled)),
        };
        let kind = match ended {
            Ok(Ok(Ok(answer))) => return Ok(answer),
            Ok(Ok(Err(kind))) => kind,
            Ok(Err(_)) if has_turn.load(Ordering::Relaxed) => FailureKind::Deadline {
                what: allowance.what,
                limit: allowance.limit,
                allowed: allowance.ms,
            },
            Ok(Err(_)) => FailureKind::Busy {
                allowed: self.limits.concurrent_calls,
            },
            Err(_panic) => FailureKind::HostPanic,
        };
        Err(self.failure(kind))
    }

    /// One instance's whole life.
    async fn run<T: Send>(
        &self,
        call: Call,
        body: impl for<'a> FnOnce(&'a mut Store<Guest>, Instance) -> BoxFuture<'a, wasmtime::Result<T>>
        + Send,
    ) -> Result<Answer<T>, FailureKind> {
        let started = Instant::now();
        let taken = self.nursery.take(call).await;
        let mut live = taken.map_err(|error| FailureKind::Trap {
            reason: super::log::printable(&format!("{error:#}")),
        })?;
        let result = async {
            let instance = live.instance(&self.nursery).await?;
            body(&mut live.store, instance).await
        }
        .await;
        let store = &mut live.store;
        store.data().log.finish();
        tracing::debug!(
            plugin = %self.name,
            fuel = self.limits.fuel - store.get_fuel().unwrap_or(0).min(self.limits.fuel),
            memory_bytes = store.data().meter.memory_bytes(),
            micros = started.elapsed().as_micros() as u64,
            "call ended"
        );
        match result {
            Ok(value) => {
                let guest = store.data_mut();
                let notices = std::mem::take(&mut guest.notices);
                // The call is over for its client now, not when the instance has been taken apart.
                drop(std::mem::take(&mut guest.call));
                self.nursery.retire(live);
                Ok(Answer { value, notices })
            }
            Err(error) => {
                let kind = classify(&error, store.data(), &self.limits);
                // The backtrace is for the author, in the log; a client gets the one line.
                tracing::debug!(plugin = %self.name, "{error:?}");
                Err(kind)
            }
        }
    }

    /// Returns when a cancelled call has had its time to put things in order; never when it is not cancelled.
    async fn patience_after(&self, cancelled: &CancellationToken) {
        cancelled.cancelled().await;
        if self.code.imports.watch_cancellation() {
            tokio::time::sleep(Duration::from_millis(self.limits.cancel_grace_ms)).await;
        }
    }

    fn call_allowance(&self) -> Allowance {
        Allowance::new("a call", "call_ms", self.limits.call_ms)
    }

    /// Turns what a guest claims into what the host knows.
    fn read<C, T>(
        &self,
        answer: Answer<Result<C, types::Error>>,
        read: impl FnOnce(C) -> Result<T, Failure>,
    ) -> Said<T> {
        let value = match answer.value {
            Ok(claimed) => Ok(read(claimed)?),
            Err(error) => {
                Err(claims::plugin_error(error).map_err(|nonsense| self.nonsense(nonsense))?)
            }
        };
        Ok(Answer {
            value,
            notices: answer.notices,
        })
    }

    fn context(&self, context: &Context) -> claimed::Context {
        let capabilities = &context.capabilities;
        claimed::Context {
            call_id: next_call_id(),
            protocol_version: context.protocol_version.clone(),
            client: context.client.as_ref().map(|client| claimed::ClientInfo {
                name: client.name.clone(),
                version: client.version.clone(),
            }),
            capabilities: claimed::ClientCapabilities {
                elicitation_form: capabilities.elicitation_form,
                elicitation_url: capabilities.elicitation_url,
                sampling: capabilities.sampling,
                sampling_tools: capabilities.sampling_tools,
                roots: capabilities.roots,
                tasks: capabilities.tasks,
                extensions: capabilities
                    .extensions
                    .iter()
                    .map(|(name, settings)| (name.clone(), json_text(settings)))
                    .collect(),
            },
            principal: context
                .principal
                .as_ref()
                .map(|principal| claimed::Principal {
                    subject: principal.subject.clone(),
                    scopes: principal.scopes.clone(),
                }),
            trace: context.trace.as_ref().map(|trace| claimed::TraceContext {
                traceparent: trace.traceparent.clone(),
                tracestate: trace.tracestate.clone(),
            }),
            deadline_ms: self.limits.call_ms,
            meta: context.meta.as_ref().map(json_text),
        }
    }

    pub(super) fn failure(&self, kind: FailureKind) -> Failure {
        Failure {
            plugin: self.name.clone(),
            kind,
        }
    }

    pub(super) fn nonsense(&self, nonsense: claims::Nonsense) -> Failure {
        self.failure(FailureKind::Nonsense(super::log::printable(&nonsense)))
    }

    fn not_served(&self, what: &'static str) -> Failure {
        self.failure(FailureKind::NotServed(what))
    }

    /// A plugin owns a name only when it listed it, and it lists only with the interface it is called through.
    fn not_exported(&self) -> Failure {
        self.nonsense("it offers what it does not export".to_owned())
    }
}

/// Nothing was asked before.
fn first_round() -> claimed::Continuation {
    claimed::Continuation {
        responses: Vec::new(),
        state: None,
    }
}

fn json_text(object: &JsonObject) -> String {
    serde_json::to_string(object).expect("a JSON value can always be written")
}

/// Names calls in the order they come. It repeats after a restart, when no call runs any more.
fn next_call_id() -> String {
    use std::sync::atomic::AtomicU64;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
