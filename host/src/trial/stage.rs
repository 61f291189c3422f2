//! One plugin in a real host, under conditions.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::notebook::Notebook;
use super::questions::{Answering, shown};
use super::scene::Scene;
use super::{Answer, Answers, Asked, Asks, Called, Conditions, Meanwhile, TrialError, set};
use crate::catalogue::Catalogue;
use crate::contract::{Context, PromptResult, ReadResult, Reference, Suggestions, ToolResult};
use crate::host::{Call, CallError, Host, Reply, Retry, TaskStatus, TaskView, ToolReply};
use crate::manifest::Source;
use crate::names::PluginName;
use crate::permissions::Denial;
use crate::runtime::{Dice, Engine, LogLine};
use crate::storage::{KeyPage, KeyValue};

/// One plugin in a real host, with a state folder of its own that is gone with it.
///
/// Calls are made one after the other, so that whatever happens belongs to one of them.
pub struct Stage {
    pub(super) host: Host,
    pub(super) plugin: PluginName,
    pub(super) notebook: Arc<Notebook>,
    pub(super) scene: Arc<Scene>,
    pub(super) dice: Option<Arc<Dice>>,
    pub(super) context: Context,
    pub(super) answers: Answers,
    pub(super) key_value: KeyValue,
    /// What happened until it could be called.
    pub(super) started: Meanwhile,
    pub(super) one_at_a_time: tokio::sync::Mutex<()>,
    /// Last, so that it is removed when nothing uses it any more.
    pub(super) _folder: tempfile::TempDir,
}

impl Stage {
    /// Puts a plugin into a host of its own.
    ///
    /// # Errors
    /// When the plugin does not load or start, or the conditions cannot be had.
    pub async fn set(
        engine: &Engine,
        source: Source,
        conditions: &Conditions,
    ) -> Result<Self, TrialError> {
        set::set(engine, source, conditions).await
    }

    /// What it offers.
    pub async fn catalogue(&self) -> Arc<Catalogue> {
        self.host.catalogue().await
    }

    /// Calls a tool, reads a resource, fills in a prompt or completes an argument, and answers what the plugin asks with
    /// `answers`.
    pub async fn ask(&self, asks: &Asks, answers: &Answers) -> Called<Answer> {
        match asks {
            Asks::Tool { name, arguments } => {
                let called = self.tool(name, arguments, answers).await;
                called.map(Answer::from)
            }
            Asks::Resource(uri) => self.resource(uri, answers).await.map(Answer::from),
            Asks::Prompt { name, arguments } => {
                let called = self.prompt(name, arguments, answers).await;
                called.map(Answer::from)
            }
            Asks::Completion {
                reference,
                argument,
                value,
                others,
            } => {
                let called = self.complete(reference, argument, value, others).await;
                called.map(Answer::from)
            }
        }
    }

    /// Calls a tool by the plugin's own name for it, answers what it asks, and follows a task to its end.
    pub async fn call_tool(&self, tool: &str, arguments: Map<String, Value>) -> Called<ToolResult> {
        self.tool(tool, &arguments, &self.answers).await
    }

    /// Reads a resource.
    pub async fn read_resource(&self, uri: &str) -> Called<ReadResult> {
        self.resource(uri, &self.answers).await
    }

    /// Fills in a prompt, by the plugin's own name for it.
    pub async fn get_prompt(
        &self,
        prompt: &str,
        arguments: Vec<(String, String)>,
    ) -> Called<PromptResult> {
        self.prompt(prompt, &arguments, &self.answers).await
    }

    /// Asks for suggestions for an argument of a prompt, by the plugin's own name for it, or of a template. `value` is what is
    /// typed so far, and `others` are the arguments that have a value already.
    pub async fn complete(
        &self,
        reference: &Reference,
        argument: &str,
        value: &str,
        others: &[(String, String)],
    ) -> Called<Suggestions> {
        let work = async {
            let (argument, value) = (argument.to_owned(), value.to_owned());
            let (reference, others) = (reference.clone(), others.to_vec());
            let completed = self
                .host
                .complete(reference, argument, value, others, self.call());
            let suggestions = completed.await.map_err(|error| error.to_string())?;
            Ok(Asked::Answer(suggestions))
        };
        self.noted(work).await
    }

    async fn tool(
        &self,
        tool: &str,
        arguments: &Map<String, Value>,
        answers: &Answers,
    ) -> Called<ToolResult> {
        let ask = |retry| async move {
            let call = self.call();
            let asked = self.host.call_tool(tool, arguments.clone(), retry, call);
            asked.await
        };
        let work = async {
            let mut answering = Answering::of(answers);
            match self.in_rounds(&mut answering, ask).await? {
                Asked::Answer(ToolReply::Result(result)) => Ok(Asked::Answer(result)),
                Asked::Answer(ToolReply::Task(task)) => self.follow(&mut answering, task).await,
                Asked::Questions(questions) => Ok(Asked::Questions(questions)),
            }
        };
        self.noted(work).await
    }

    async fn resource(&self, uri: &str, answers: &Answers) -> Called<ReadResult> {
        let ask = |retry| async move { self.host.read_resource(uri, retry, self.call()).await };
        let mut answering = Answering::of(answers);
        self.noted(self.in_rounds(&mut answering, ask)).await
    }

    async fn prompt(
        &self,
        prompt: &str,
        arguments: &[(String, String)],
        answers: &Answers,
    ) -> Called<PromptResult> {
        let ask = |retry| async move {
            let call = self.call();
            let asked = self
                .host
                .get_prompt(prompt, arguments.to_vec(), retry, call);
            asked.await
        };
        let mut answering = Answering::of(answers);
        self.noted(self.in_rounds(&mut answering, ask)).await
    }

    /// The value under a key of its key-value store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn value(&self, key: &str) -> Result<Option<Bytes>, TrialError> {
        let value = self.key_value.get(key.to_owned()).await;
        let value = value.map_err(|error| TrialError::Conditions(error.to_string()))?;
        Ok(value.map(Bytes::from))
    }

    /// Some of the keys of its key-value store, in the order of their bytes, after `cursor`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keys(&self, cursor: Option<String>) -> Result<KeyPage, TrialError> {
        let keys = self.key_value.list_keys(String::new(), cursor).await;
        keys.map_err(|error| TrialError::Conditions(error.to_string()))
    }

    /// What it was refused so far, each once, with the lines that would allow it.
    pub fn denials(&self) -> Vec<Denial> {
        self.host.denials(&self.plugin)
    }

    /// The newest lines of its log, of its start as well.
    pub fn log_lines(&self) -> Vec<LogLine> {
        self.host.log_lines(&self.plugin)
    }

    /// What happened while it was told that its service begins and asked for its lists.
    pub fn started(&self) -> &Meanwhile {
        &self.started
    }

    /// Tells it that its service ends, and waits a moment for that. Gives what happened meanwhile.
    pub async fn close(self) -> Meanwhile {
        // What happened between the last call and this belongs to neither.
        drop(self.take_meanwhile());
        self.host.shutdown().await;
        self.take_meanwhile()
    }

    fn call(&self) -> Call {
        Call {
            context: self.context.clone(),
            ..Call::default()
        }
    }

    /// Does something for one call, and takes notes.
    async fn noted<T>(&self, work: impl Future<Output = Result<Asked<T>, String>>) -> Called<T> {
        let _turn = self.one_at_a_time.lock().await;
        // What happened between two calls belongs to none.
        drop(self.take_meanwhile());
        if let Some(dice) = &self.dice {
            dice.begin_call();
        }
        // Boxed, since each of what stands around it would keep a copy on the stack of an unoptimised build.
        let answer = Box::pin(work).await;
        Called {
            answer,
            meanwhile: self.take_meanwhile(),
        }
    }

    /// What happened since this was asked last.
    pub(super) fn take_meanwhile(&self) -> Meanwhile {
        let page = self.notebook.take_page();
        let notes = self.scene.take_notes();
        Meanwhile {
            usage: page.usage,
            n_rounds: page.n_visits,
            tried: page.tried,
            log: page.log,
            events: page.events,
            exchanges: notes.exchanges,
            unmatched: notes.unmatched,
            cut: page.cut,
        }
    }

    /// Makes a call, and makes it again with answers for as long as it asks.
    async fn in_rounds<R, F: Future<Output = Result<Reply<R>, CallError>>>(
        &self,
        answering: &mut Answering,
        ask: impl Fn(Retry) -> F,
    ) -> Result<Asked<R>, String> {
        let mut retry = Retry::default();
        loop {
            let is_first = retry.state.is_none();
            let n_visits = self.notebook.n_visits();
            let asked = match ask(retry).await.map_err(|error| error.to_string())? {
                Reply::Complete(value) => return Ok(Asked::Answer(value)),
                Reply::InputRequired(asked) => asked,
            };
            if !is_first && self.notebook.n_visits() == n_visits {
                return Err(unfit(&asked.requests));
            }
            match answering.to(&asked.requests) {
                None => return Ok(Asked::Questions(shown(&asked.requests))),
                Some(responses) => {
                    retry = Retry {
                        responses,
                        state: Some(asked.state),
                    };
                }
            }
        }
    }

    /// Follows a task to its end.
    async fn follow(
        &self,
        answering: &mut Answering,
        mut task: TaskView,
    ) -> Result<Asked<ToolResult>, String> {
        let sentence = |error: CallError| error.to_string();
        loop {
            match &task.status {
                TaskStatus::Completed(result) => return Ok(Asked::Answer(result.clone())),
                TaskStatus::Failed(failure) => return Err(failure.to_string()),
                TaskStatus::Cancelled => return Err("the task was cancelled".to_owned()),
                TaskStatus::Working => {}
                TaskStatus::InputRequired(questions) => {
                    let Some(responses) = answering.to(questions) else {
                        let cancelled = self.host.cancel_task(&task.id, &self.context).await;
                        cancelled.map_err(sentence)?;
                        return Ok(Asked::Questions(shown(questions)));
                    };
                    let updated = self
                        .host
                        .update_task(&task.id, responses, &self.context)
                        .await;
                    updated.map_err(sentence)?;
                    let now = self.host.task(&task.id, &self.context).await;
                    let now = now.map_err(sentence)?;
                    if now.status == task.status {
                        return Err(unfit(questions));
                    }
                    task = now;
                    continue;
                }
            }
            let next = self.host.follow_task(&task, &self.context).await;
            task = next.map_err(sentence)?;
        }
    }
}

/// The answers that a test gives are asked for again, so they were none.
fn unfit(questions: &[(String, crate::contract::InputRequest)]) -> String {
    let keys: Vec<_> = questions
        .iter()
        .map(|(key, _)| format!("`{key}`"))
        .collect();
    format!(
        "the test's answer does not fit the question {} (hint: the question has a schema, and an answer MCP's shape)",
        keys.join(", ")
    )
}
