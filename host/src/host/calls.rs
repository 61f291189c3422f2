//! The way of a call: resolve the name, check what the client sent, call the plugin, follow up on its notices.

use std::sync::Arc;

use serde_json::{Value, json};

use super::breaker;
use super::error::{CallError, Kind};
use super::health::Permit;
use super::lineup::Lineup;
use super::rounds::{Begin, Bound, Caller, Reply, Retry, Rounds};
use super::slot::Slot;
use super::tasks::TaskView;
use super::witness::{Seeable, Seen, Watching};
use super::{Call, Host};
use crate::catalogue::{Catalogue, Offered};
use crate::contract::{
    Context, Continuation, JsonObject, Outcome, PromptResult, ReadResult, Reference, Suggestions,
    TASKS_EXTENSION, TaskSupport, Tool, ToolOutcome, ToolResult,
};
use crate::names::{Digest, PluginName};
use crate::permissions::Denial;
use crate::runtime::{FailureKind, LogLine, Plugin, Said, Totals, Trail, Usage};

/// What a tool's last round gives a client.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolReply {
    /// The answer.
    Result(ToolResult),
    /// The answer will come later.
    Task(TaskView),
}

impl Host {
    /// Calls a tool by its public name, or by its plugin's name for it where that is unique.
    ///
    /// # Errors
    /// See [`CallError`]. A tool's own "no" is not an error.
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: JsonObject,
        retry: Retry,
        call: Call,
    ) -> Result<Reply<ToolReply>, CallError> {
        let lineup = self
            .lineup_with(|catalogue| catalogue.tool(name).is_some())
            .await;
        let catalogue = lineup.catalogue.clone();
        let tool = catalogue
            .tool(name)
            .ok_or_else(|| unknown(Kind::Tool, name))?;
        if let Some(required) = &tool.item.required_capabilities
            && !call.context.capabilities.cover(required)
        {
            return Err(CallError::MissingCapability(required.clone()));
        }
        refuse_a_client_without_tasks(tool, &call.context)?;
        let slot = only(lineup, &tool.plugin)?;
        // Kept only for a tool that may become a task, since most never do.
        let context = match tool.item.task_support {
            TaskSupport::Forbidden => Context::default(),
            _ => call.context.clone(),
        };
        let method = "tools/call";
        let claimed = match self.0.premises.witness() {
            Some(_) => Value::Object(arguments.clone()),
            None => Value::Null,
        };
        let checked = checked(&catalogue, tool, Value::Object(arguments)).await;
        let arguments = checked.inspect_err(|error| {
            let called = Called {
                method,
                owner: &tool.plugin,
                subject: tool.item.name.as_str(),
                arguments: &claimed,
            };
            self.show_turned_away(called, error);
        })?;
        let called = Called {
            method,
            owner: &tool.plugin,
            subject: tool.item.name.as_str(),
            arguments: &arguments,
        };
        let ask = async |plugin: &Plugin, continuation, call| {
            plugin
                .call_tool(&tool.item.name, &arguments, continuation, call)
                .await
        };
        match self.in_rounds(&slot, called, retry, call, ask).await? {
            Reply::Complete(ToolOutcome::Result(result)) => {
                Ok(Reply::Complete(ToolReply::Result(result)))
            }
            Reply::Complete(ToolOutcome::Task(start)) => {
                let begun = self.begin_task(tool, start, context).await?;
                Ok(Reply::Complete(ToolReply::Task(begun)))
            }
            Reply::InputRequired(asked) => Ok(Reply::InputRequired(asked)),
        }
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn read_resource(
        &self,
        uri: &str,
        retry: Retry,
        call: Call,
    ) -> Result<Reply<ReadResult>, CallError> {
        if let Some(read) = self.read_skill(uri).await {
            return Ok(Reply::Complete(read));
        }
        let lineup = self
            .lineup_with(|catalogue| catalogue.resource_owner(uri).is_some())
            .await;
        let catalogue = lineup.catalogue.clone();
        let owner = catalogue
            .resource_owner(uri)
            .ok_or_else(|| unknown(Kind::Resource, uri))?;
        let slot = only(lineup, owner)?;
        let called = Called {
            method: "resources/read",
            owner,
            subject: uri,
            arguments: &Value::Null,
        };
        let ask = async |plugin: &Plugin, continuation, call| {
            plugin.read_resource(uri, continuation, call).await
        };
        self.in_rounds(&slot, called, retry, call, ask).await
    }

    /// Fills in a prompt, by the rule for tools' names.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get_prompt(
        &self,
        name: &str,
        arguments: Vec<(String, String)>,
        retry: Retry,
        call: Call,
    ) -> Result<Reply<PromptResult>, CallError> {
        let lineup = self
            .lineup_with(|catalogue| catalogue.prompt(name).is_some())
            .await;
        let catalogue = lineup.catalogue.clone();
        let prompt = catalogue
            .prompt(name)
            .ok_or_else(|| unknown(Kind::Prompt, name))?;
        let slot = only(lineup, &prompt.plugin)?;
        let missing = prompt.item.arguments.iter().find(|argument| {
            argument.required && !arguments.iter().any(|(given, _)| *given == argument.name)
        });
        if let Some(missing) = missing {
            return Err(CallError::BadArguments(format!(
                "prompt `{name}` needs `{}`",
                missing.name
            )));
        }
        let as_json = arguments
            .iter()
            .cloned()
            .map(|(name, value)| (name, value.into()));
        let called = Called {
            method: "prompts/get",
            owner: &prompt.plugin,
            subject: prompt.item.name.as_str(),
            arguments: &Value::Object(as_json.collect()),
        };
        let ask = async |plugin: &Plugin, continuation, call| {
            plugin
                .get_prompt(&prompt.item.name, arguments, continuation, call)
                .await
        };
        self.in_rounds(&slot, called, retry, call, ask).await
    }

    /// Asks for suggestions while a person fills in a prompt or a template. `reference` carries the public name.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn complete(
        &self,
        reference: Reference,
        argument: String,
        value: String,
        others: Vec<(String, String)>,
        mut call: Call,
    ) -> Result<Suggestions, CallError> {
        let lineup = self.full_lineup().await;
        let catalogue = lineup.catalogue.clone();
        let (owner, reference) = match &reference {
            Reference::Prompt(name) => {
                let prompt = catalogue
                    .prompt(name)
                    .ok_or_else(|| unknown(Kind::Prompt, name))?;
                (
                    &prompt.plugin,
                    Reference::Prompt(prompt.item.name.to_string()),
                )
            }
            Reference::ResourceTemplate(template) => {
                let template = catalogue
                    .template(template)
                    .ok_or_else(|| unknown(Kind::Resource, template))?;
                (&template.plugin, reference.clone())
            }
        };
        let slot = only(lineup, owner)?;
        let (subject, arguments) = match self.0.premises.witness() {
            Some(_) => shown_completion(&reference, &argument, &value, &others),
            None => (String::new(), Value::Null),
        };
        let called = Called {
            method: "completion/complete",
            owner,
            subject: &subject,
            arguments: &arguments,
        };
        let (plugin, permit) = self
            .in_service(owner, &slot)
            .await
            .inspect_err(|error| self.show_turned_away(called, error))?;
        let watching = Watching::begin(
            &self.0.premises,
            called.method,
            owner,
            &subject,
            &arguments,
            &mut call,
        );
        let completed = plugin.complete(reference, argument, value, others, call);
        let answer = self.answer(owner, permit, completed.await);
        if let Some(watching) = watching {
            watching.end(answer.as_ref());
        }
        answer
    }

    /// One round of a call: what the client brought is read, and what the plugin asks is sent out.
    async fn in_rounds<T: Seeable>(
        &self,
        slot: &Slot,
        called: Called<'_>,
        retry: Retry,
        mut call: Call,
        ask: impl AsyncFnOnce(&Plugin, Continuation, Call) -> Said<Outcome<T>>,
    ) -> Result<Reply<T>, CallError> {
        let component = component(slot, called.owner)?;
        let rounds = self.rounds(slot);
        let caller = Caller::of(&call.context);
        let bound = Bound {
            method: called.method,
            subject: called.subject,
            arguments: called.arguments,
            component,
            former: slot.former(),
            caller: &caller,
        };
        let (continuation, round) = match rounds
            .begin(bound, retry)
            .inspect_err(|error| self.show_turned_away(called, error))?
        {
            Begin::Call(continuation, round) => (continuation, round),
            Begin::Ask(asked) => return Ok(Reply::InputRequired(asked)),
        };
        let (plugin, permit) = self
            .in_service(called.owner, slot)
            .await
            .inspect_err(|error| self.show_turned_away(called, error))?;
        let watching = Watching::begin(
            &self.0.premises,
            called.method,
            called.owner,
            called.subject,
            called.arguments,
            &mut call,
        );
        let said = ask(&plugin, continuation, call).await;
        let answer = self.answer(called.owner, permit, said);
        if let Some(watching) = watching {
            watching.end(answer.as_ref());
        }
        match answer? {
            Outcome::Complete(value) => Ok(Reply::Complete(value)),
            Outcome::InputRequired(questions) => rounds
                .questions(bound, round, questions)
                .map(Reply::InputRequired),
        }
    }

    /// Shows whoever watches a call that does not reach its plugin: an author looks for it there.
    fn show_turned_away(&self, called: Called<'_>, error: &CallError) {
        if let Some(witness) = self.0.premises.witness() {
            witness.see(&Seen {
                method: called.method,
                plugin: called.owner,
                subject: called.subject,
                arguments: called.arguments,
                ending: Err(error),
                was_reached: false,
                usage: Usage::default(),
                trail: &Trail::default(),
            });
        }
    }

    /// A plugin's place and the digest of its component.
    pub(super) fn installed(&self, name: &PluginName) -> Result<(Arc<Slot>, Digest), CallError> {
        let slot = only(self.lineup(), name)?;
        let component = component(&slot, name)?;
        Ok((slot, component))
    }

    /// The rounds of one plugin's calls.
    pub(super) fn rounds(&self, slot: &Slot) -> Rounds<'_> {
        let limits = slot.installed().map(|installed| &installed.limits);
        Rounds {
            premises: &self.0.premises,
            answer_wait_ms: limits.map_or(0, |limits| limits.answer_wait_ms),
        }
    }

    /// The newest lines of a plugin's log, oldest first.
    pub fn log_lines(&self, plugin: &PluginName) -> Vec<LogLine> {
        self.slot(plugin)
            .map(|slot| slot.log_lines())
            .unwrap_or_default()
    }

    /// What a plugin tried and was refused, each once. Empty before its first call.
    pub fn denials(&self, plugin: &PluginName) -> Vec<Denial> {
        let slot = self.slot(plugin);
        let plugin = slot.as_ref().and_then(|slot| slot.plugin_if_ready());
        plugin.map(|plugin| plugin.denials()).unwrap_or_default()
    }

    /// What a plugin used since the host started; nothing when there is no such plugin.
    pub fn usage(&self, plugin: &PluginName) -> Totals {
        self.slot(plugin)
            .map(|slot| slot.usage())
            .unwrap_or_default()
    }

    /// The lists, as soon as they hold what is looked for; without it when no plugin brings it.
    pub(super) async fn catalogue_with(
        &self,
        holds: impl Fn(&Catalogue) -> bool,
    ) -> Arc<Catalogue> {
        self.lineup_with(holds).await.catalogue.clone()
    }

    /// The same with the plugins that offer what is in them.
    async fn lineup_with(&self, holds: impl Fn(&Catalogue) -> bool) -> Arc<Lineup> {
        let lineup = self.full_lineup().await;
        if holds(&lineup.catalogue) {
            return lineup;
        }
        // A plugin that is still being compiled may bring it, and a call can wait longer than a list.
        self.settled().await;
        self.lineup()
    }

    /// A plugin, ready to be called, with the right to call it once.
    pub(super) async fn in_service<'a>(
        &'a self,
        name: &PluginName,
        slot: &'a Slot,
    ) -> Result<(Arc<Plugin>, Permit<'a>), CallError> {
        let health = slot.health().ok_or_else(|| taken_out(name))?;
        let premises = &self.0.premises;
        let permit =
            health
                .admit(premises.engine())
                .map_err(|quarantine| CallError::Quarantined {
                    plugin: name.clone(),
                    quarantine: Box::new(quarantine),
                })?;
        let plugin = slot.plugin(premises).await;
        let plugin = plugin.map_err(|reason| CallError::NotInService {
            plugin: name.clone(),
            reason,
        })?;
        Ok((plugin, permit))
    }

    pub(super) fn answer<T>(
        &self,
        plugin: &PluginName,
        permit: Permit<'_>,
        said: Said<T>,
    ) -> Result<T, CallError> {
        permit.note(match &said {
            // An error the plugin speaks of is an answer all the same.
            Ok(_) => breaker::Outcome::Worked,
            Err(failure) if failure.kind.is_the_plugins_fault() => {
                breaker::Outcome::Failed(failure.kind.to_string())
            }
            Err(_) => breaker::Outcome::Undecided,
        });
        let answer = said.map_err(|failure| match failure.kind {
            FailureKind::Cancelled => CallError::Cancelled,
            _ => {
                tracing::warn!(%failure, "a call failed");
                CallError::Failed(failure)
            }
        })?;
        self.follow_up(plugin, answer.notices);
        answer.value.map_err(|error| CallError::Refused {
            plugin: plugin.clone(),
            error: Box::new(error),
        })
    }
}

/// The place of one plugin alone: who makes a call must not keep others that are replaced meanwhile.
fn only(lineup: Arc<Lineup>, name: &PluginName) -> Result<Arc<Slot>, CallError> {
    lineup.slot(name).cloned().ok_or_else(|| taken_out(name))
}

fn component(slot: &Slot, name: &PluginName) -> Result<Digest, CallError> {
    let installed = slot.installed().ok_or_else(|| taken_out(name))?;
    Ok(installed.identity.digest)
}

fn taken_out(name: &PluginName) -> CallError {
    CallError::NotInService {
        plugin: name.clone(),
        reason: "it was taken out".to_owned(),
    }
}

/// What a completion is for, and what it is asked with, for whoever watches.
fn shown_completion(
    reference: &Reference,
    argument: &str,
    value: &str,
    others: &[(String, String)],
) -> (String, Value) {
    let subject = match reference {
        Reference::Prompt(name) => name,
        Reference::ResourceTemplate(template) => template,
    };
    let others = others.iter().cloned();
    let others: JsonObject = others
        .map(|(name, value)| (name, Value::from(value)))
        .collect();
    let asked = json!({ "argument": argument, "value": value, "others": others });
    (subject.clone(), asked)
}

/// What is called.
#[derive(Clone, Copy)]
struct Called<'a> {
    method: &'static str,
    owner: &'a PluginName,
    /// By the plugin's name for it.
    subject: &'a str,
    arguments: &'a Value,
}

/// A tool that can only run as a task is nothing for a client that cannot follow one.
fn refuse_a_client_without_tasks(tool: &Offered<Tool>, context: &Context) -> Result<(), CallError> {
    let lacks = tool.item.task_support == TaskSupport::Required && !context.capabilities.tasks;
    match lacks {
        true => Err(CallError::MissingCapability(tasks_capability())),
        false => Ok(()),
    }
}

/// The tasks extension, shaped as MCP `ClientCapabilities`.
fn tasks_capability() -> JsonObject {
    let extension = json!({TASKS_EXTENSION: {}});
    JsonObject::from_iter([("extensions".to_owned(), extension)])
}

/// Checks arguments, away from the threads that serve everybody when it may take long.
async fn checked(
    catalogue: &Arc<Catalogue>,
    tool: &Offered<Tool>,
    arguments: Value,
) -> Result<Value, CallError> {
    if catalogue.is_quick_to_check(tool, &arguments) {
        let fits = catalogue.check_arguments(tool, &arguments);
        return fits.map(|()| arguments).map_err(CallError::BadArguments);
    }
    let (catalogue, tool) = (catalogue.clone(), tool.clone());
    let check = move || {
        let fits = catalogue.check_arguments(&tool, &arguments);
        fits.map(|()| arguments)
    };
    match tokio::task::spawn_blocking(check).await {
        Ok(fits) => fits.map_err(CallError::BadArguments),
        Err(_panic) => Err(CallError::BadArguments(
            "the arguments cannot be checked against the tool's input schema".to_owned(),
        )),
    }
}

fn unknown(kind: Kind, name: &str) -> CallError {
    CallError::Unknown {
        kind,
        name: name.to_owned(),
    }
}
