//! One plugin, ready to be called: each call in a fresh instance, under all its limits.

use std::sync::Arc;
use std::time::SystemTime;

use futures::FutureExt;
use serde_json::Value;

use super::bindings::exports::portcullis::plugin::{
    completion, lifecycle, prompts, resources, tasks, tools,
};
use super::bindings::portcullis::plugin::types;
use super::call::{Answer, Call};
use super::claims;
use super::cpu_share::CpuShare;
use super::engine::{Code, Engine};
use super::failure::{Failure, FailureKind, fits};
use super::instances::Instances;
use super::log::PluginLog;
use super::powers::Powers;
use super::redaction::Redact;
use super::surroundings::surroundings;
use super::turns::Turns;
use super::usage::{Ledger, Totals, Usage};
use super::visit::Allowance;
use super::warden::Warden;
use crate::contract::{
    Continuation, Outcome, PluginError, PromptResult, ReadResult, Reference, Suggestions,
    ToolOutcome, ToolResult,
};
use crate::limits::Limits;
use crate::names::{Identity, LocalName, PluginName, without_hint};
use crate::permissions::Denial;
use crate::secrets::Redactor;

/// What a plugin said, its own "this call is broken" included.
pub type Said<T> = Result<Answer<Result<T, PluginError>>, Failure>;

/// Why a plugin's service ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deactivation {
    /// The host goes down.
    Shutdown,
    /// Another version took over.
    Upgrade,
    /// It was started, and did not come into service after all.
    Removal,
}

/// A plugin with its code, its limits and its log. Calls may come from many tasks at once.
pub struct Plugin {
    pub(super) name: PluginName,
    pub(super) code: Code,
    pub(super) limits: Limits,
    pub(super) instances: Instances,
    pub(super) turns: Turns,
    pub(super) cpu_share: CpuShare,
    pub(super) ledger: Ledger,
    warden: Warden,
    /// Leaves its secrets out of all it says.
    pub(super) redactor: Option<Arc<Redactor>>,
}

impl Plugin {
    /// Puts a plugin together.
    pub fn new(
        name: PluginName,
        engine: Engine,
        code: Code,
        limits: Limits,
        powers: Powers,
        log: Arc<PluginLog>,
    ) -> Self {
        let turns = Turns::new(&limits, engine.instances().clone());
        let cpu_share = CpuShare::new(limits.cpu_percent);
        let redactor = powers.redactor.clone();
        if let Some(redactor) = &redactor {
            log.redact_with(redactor);
        }
        let warden = Warden::new(powers.keys.clone(), log.clone());
        let instances = Instances::new(
            engine,
            code.pre.clone(),
            limits.clone(),
            powers,
            warden.clone(),
            log,
        );
        Self {
            name,
            code,
            limits,
            instances,
            turns,
            cpu_share,
            ledger: Ledger::default(),
            warden,
            redactor,
        }
    }

    /// What the plugin tried and was refused, each once.
    pub fn denials(&self) -> Vec<Denial> {
        self.warden.denials()
    }

    /// The same plugin, whose clock shows this from here on where it may see one. Only validating pretends it, to see whether what
    /// it lists depends on it.
    #[must_use]
    pub fn pretending_that_it_is(mut self, now: SystemTime) -> Self {
        self.instances.pretend(now);
        self
    }

    /// What all its visits used so far.
    pub fn totals(&self) -> Totals {
        self.ledger.totals()
    }

    /// Tells the plugin that its service begins, when it wants to be told.
    ///
    /// # Errors
    /// When it refuses, or breaks a limit.
    pub async fn activate(&self, call: Call) -> Result<(), Failure> {
        let Some(lifecycle) = self.code.interfaces.lifecycle.clone() else {
            return Ok(());
        };
        let allowance = Allowance::for_the_host("starting", self.limits.start_ms);
        let answer = self
            .visit("activate", call, allowance, move |store, instance| {
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
                let kind = match claims::plugin_error(error) {
                    Ok(error) => {
                        let mut reason = error.to_string();
                        self.redact(&mut reason);
                        FailureKind::Inactive(without_hint(&super::log::printable(&reason)))
                    }
                    Err(said) => nonsense(said),
                };
                Err(self.failure(kind, answer.usage))
            }
        }
    }

    /// Tells the plugin that its service ends, when it wants to be told.
    ///
    /// # Errors
    /// When it breaks a limit; nothing depends on it any more.
    pub async fn deactivate(&self, reason: Deactivation, call: Call) -> Result<(), Failure> {
        let Some(lifecycle) = self.code.interfaces.lifecycle.clone() else {
            return Ok(());
        };
        let allowance = Allowance::for_the_host("ending", self.limits.start_ms);
        let reason = match reason {
            Deactivation::Shutdown => lifecycle::DeactivationReason::Shutdown,
            Deactivation::Upgrade => lifecycle::DeactivationReason::Upgrade,
            Deactivation::Removal => lifecycle::DeactivationReason::Removal,
        };
        self.visit("deactivate", call, allowance, move |store, instance| {
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
        continuation: Continuation,
        call: Call,
    ) -> Said<Outcome<ToolOutcome>> {
        let Some(tools) = self.code.interfaces.tools.clone() else {
            return Err(self.not_exported());
        };
        let exports_tasks = self.code.interfaces.tasks.is_some();
        let request = tools::CallRequest {
            name: name.to_string(),
            arguments: arguments.to_string(),
            continuation: claims::continuation(continuation),
        };
        let deadline_ms = self.limits.call_ms;
        let answer = self
            .visit(
                name.as_str(),
                call,
                self.call_allowance(),
                move |store, instance| {
                    async move {
                        let tools = fits(tools.load(&mut *store, &instance))?;
                        let context = surroundings(store, deadline_ms);
                        tools.call_call(store, &request, &context).await
                    }
                    .boxed()
                },
            )
            .await?;
        self.read(answer, |outcome| match outcome {
            tools::CallOutcome::Complete(result) => claims::tool_result(result)
                .map(|result| Outcome::Complete(ToolOutcome::Result(result))),
            tools::CallOutcome::InputRequired(round) => {
                claims::input_required(round).map(Outcome::InputRequired)
            }
            tools::CallOutcome::Task(_) if !exports_tasks => {
                Err("a call became a task, and the plugin exports no `tasks`".to_owned())
            }
            tools::CallOutcome::Task(start) => {
                claims::task_start(start).map(|start| Outcome::Complete(ToolOutcome::Task(start)))
            }
        })
    }

    /// Works on a task of the tool `name`, until it ends or has a question.
    ///
    /// # Errors
    /// When the plugin could not answer.
    pub async fn run_task(
        &self,
        name: &LocalName,
        continuation: Continuation,
        call: Call,
    ) -> Said<Outcome<ToolResult>> {
        let Some(tasks) = self.code.interfaces.tasks.clone() else {
            return Err(self.not_exported());
        };
        let request = tasks::RunRequest {
            tool: name.to_string(),
            continuation: claims::continuation(continuation),
        };
        let deadline_ms = self.limits.task_ms;
        let allowance = Allowance::for_a_task(self.limits.task_ms);
        let answer = self
            .visit(name.as_str(), call, allowance, move |store, instance| {
                async move {
                    let tasks = fits(tasks.load(&mut *store, &instance))?;
                    let context = surroundings(store, deadline_ms);
                    tasks.call_run(store, &request, &context).await
                }
                .boxed()
            })
            .await?;
        self.read(answer, |outcome| match outcome {
            tasks::RunOutcome::Complete(result) => {
                claims::tool_result(result).map(Outcome::Complete)
            }
            tasks::RunOutcome::InputRequired(round) => {
                claims::input_required(round).map(Outcome::InputRequired)
            }
        })
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// When the plugin could not answer.
    pub async fn read_resource(
        &self,
        uri: &str,
        continuation: Continuation,
        call: Call,
    ) -> Said<Outcome<ReadResult>> {
        let Some(resources) = self.code.interfaces.resources.clone() else {
            return Err(self.not_exported());
        };
        let request = resources::ReadRequest {
            uri: uri.to_owned(),
            continuation: claims::continuation(continuation),
        };
        let deadline_ms = self.limits.call_ms;
        let answer = self
            .visit(uri, call, self.call_allowance(), move |store, instance| {
                async move {
                    let resources = fits(resources.load(&mut *store, &instance))?;
                    let context = surroundings(store, deadline_ms);
                    resources.call_read(store, &request, &context).await
                }
                .boxed()
            })
            .await?;
        self.read(answer, |outcome| match outcome {
            resources::ReadOutcome::Complete(result) => {
                claims::read_result(result).map(Outcome::Complete)
            }
            resources::ReadOutcome::InputRequired(round) => {
                claims::input_required(round).map(Outcome::InputRequired)
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
        continuation: Continuation,
        call: Call,
    ) -> Said<Outcome<PromptResult>> {
        let Some(prompts) = self.code.interfaces.prompts.clone() else {
            return Err(self.not_exported());
        };
        let request = prompts::GetRequest {
            name: name.to_string(),
            arguments,
            continuation: claims::continuation(continuation),
        };
        let deadline_ms = self.limits.call_ms;
        let answer = self
            .visit(
                name.as_str(),
                call,
                self.call_allowance(),
                move |store, instance| {
                    async move {
                        let prompts = fits(prompts.load(&mut *store, &instance))?;
                        let context = surroundings(store, deadline_ms);
                        prompts.call_get(store, &request, &context).await
                    }
                    .boxed()
                },
            )
            .await?;
        self.read(answer, |outcome| match outcome {
            prompts::GetOutcome::Complete(result) => {
                claims::prompt_result(result).map(Outcome::Complete)
            }
            prompts::GetOutcome::InputRequired(round) => {
                claims::input_required(round).map(Outcome::InputRequired)
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
                usage: Usage::default(),
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
        let deadline_ms = self.limits.call_ms;
        let answer = self
            .visit(
                "complete",
                call,
                self.call_allowance(),
                move |store, instance| {
                    async move {
                        let completion = fits(completion.load(&mut *store, &instance))?;
                        let context = surroundings(store, deadline_ms);
                        completion.call_complete(store, &request, &context).await
                    }
                    .boxed()
                },
            )
            .await?;
        self.read(answer, |suggestions| Ok(claims::suggestions(suggestions)))
    }

    fn call_allowance(&self) -> Allowance {
        Allowance::for_a_call(self.limits.call_ms)
    }

    /// Turns what a guest claims into what the host knows.
    fn read<C, T: Redact>(
        &self,
        answer: Answer<Result<C, types::Error>>,
        read: impl FnOnce(C) -> Result<T, claims::Nonsense>,
    ) -> Said<T> {
        let value = match answer.value {
            Ok(claimed) => read(claimed).map(Ok),
            Err(error) => claims::plugin_error(error).map(Err),
        };
        match value {
            Ok(mut value) => {
                self.redact(&mut value);
                Ok(Answer {
                    value,
                    notices: answer.notices,
                    usage: answer.usage,
                })
            }
            Err(said) => {
                self.ledger.add_failure();
                Err(self.failure(nonsense(said), answer.usage))
            }
        }
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        self.warden.keys().identity()
    }

    /// Takes the plugin's secrets out of something it said. It costs nothing when the plugin has none.
    pub(super) fn redact(&self, said: &mut impl Redact) {
        if let Some(redactor) = &self.redactor {
            said.redact(redactor);
        }
    }

    pub(super) fn failure(&self, mut kind: FailureKind, usage: Usage) -> Failure {
        self.redact(&mut kind);
        Failure {
            plugin: self.name.clone(),
            kind,
            usage: Box::new(usage),
        }
    }

    /// A plugin owns a name only when it listed it, and it lists only with the interface it is called through.
    fn not_exported(&self) -> Failure {
        let kind = FailureKind::Nonsense("it offers what it does not export".to_owned());
        self.failure(kind, Usage::default())
    }
}

/// What a guest said fits nothing.
pub(super) fn nonsense(said: claims::Nonsense) -> FailureKind {
    FailureKind::Nonsense(super::log::printable(&said))
}
