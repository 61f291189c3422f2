//! The way of a call: resolve the name, check what the client sent, call the plugin, follow up on its notices.

use std::sync::Arc;

use serde_json::Value;

use super::breaker::Outcome;
use super::error::{CallError, Kind};
use super::health::Permit;
use super::{Call, Host};
use crate::catalogue::{Catalogue, Offered};
use crate::contract::{
    JsonObject, PromptResult, ReadResult, Reference, Suggestions, Tool, ToolResult,
};
use crate::names::PluginName;
use crate::permissions::Denial;
use crate::runtime::{FailureKind, LogLine, Plugin, Said, Totals};

impl Host {
    /// Calls a tool by its public name, or by its plugin's name for it where that is unique.
    ///
    /// # Errors
    /// See [`CallError`]. A tool's own "no" is not an error.
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: JsonObject,
        call: Call,
    ) -> Result<ToolResult, CallError> {
        let catalogue = self
            .catalogue_with(|catalogue| catalogue.tool(name).is_some())
            .await;
        let tool = catalogue
            .tool(name)
            .ok_or_else(|| unknown(Kind::Tool, name))?;
        if let Some(required) = &tool.item.required_capabilities
            && !call.context.capabilities.cover(required)
        {
            return Err(CallError::MissingCapability(required.clone()));
        }
        let arguments = checked(&catalogue, tool, Value::Object(arguments)).await?;
        let (plugin, permit) = self.in_service(&tool.plugin).await?;
        self.answer(
            &tool.plugin,
            permit,
            plugin.call_tool(&tool.item.name, &arguments, call).await,
        )
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn read_resource(&self, uri: &str, call: Call) -> Result<ReadResult, CallError> {
        if let Some(read) = self.read_skill(uri).await {
            return Ok(read);
        }
        let catalogue = self
            .catalogue_with(|catalogue| catalogue.resource_owner(uri).is_some())
            .await;
        let owner = catalogue
            .resource_owner(uri)
            .ok_or_else(|| unknown(Kind::Resource, uri))?;
        let (plugin, permit) = self.in_service(owner).await?;
        self.answer(owner, permit, plugin.read_resource(uri, call).await)
    }

    /// Fills in a prompt, by the rule for tools' names.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get_prompt(
        &self,
        name: &str,
        arguments: Vec<(String, String)>,
        call: Call,
    ) -> Result<PromptResult, CallError> {
        let catalogue = self
            .catalogue_with(|catalogue| catalogue.prompt(name).is_some())
            .await;
        let prompt = catalogue
            .prompt(name)
            .ok_or_else(|| unknown(Kind::Prompt, name))?;
        let missing = prompt.item.arguments.iter().find(|argument| {
            argument.required && !arguments.iter().any(|(given, _)| *given == argument.name)
        });
        if let Some(missing) = missing {
            return Err(CallError::BadArguments(format!(
                "prompt `{name}` needs `{}`",
                missing.name
            )));
        }
        let (plugin, permit) = self.in_service(&prompt.plugin).await?;
        self.answer(
            &prompt.plugin,
            permit,
            plugin.get_prompt(&prompt.item.name, arguments, call).await,
        )
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
        call: Call,
    ) -> Result<Suggestions, CallError> {
        let catalogue = self.catalogue().await;
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
        let (plugin, permit) = self.in_service(owner).await?;
        self.answer(
            owner,
            permit,
            plugin
                .complete(reference, argument, value, others, call)
                .await,
        )
    }

    /// The newest lines of a plugin's log, oldest first.
    pub fn log_lines(&self, plugin: &PluginName) -> Vec<LogLine> {
        self.slot(plugin)
            .map(|slot| slot.log_lines())
            .unwrap_or_default()
    }

    /// What a plugin tried and was refused, each once. Empty before its first call.
    pub fn denials(&self, plugin: &PluginName) -> Vec<Denial> {
        let plugin = self.slot(plugin).and_then(|slot| slot.plugin_if_ready());
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
        let catalogue = self.catalogue().await;
        if holds(&catalogue) {
            return catalogue;
        }
        // A plugin that is still being compiled may bring it, and a call can wait longer than a list.
        self.settled().await;
        self.catalogue_now()
    }

    /// A plugin, ready to be called, with the right to call it once.
    async fn in_service(&self, name: &PluginName) -> Result<(Arc<Plugin>, Permit<'_>), CallError> {
        let not_in_service = |reason| CallError::NotInService {
            plugin: name.clone(),
            reason,
        };
        let slot = self.slot(name);
        let Some((slot, health)) = slot.and_then(|slot| Some((slot, slot.health()?))) else {
            return Err(not_in_service("it was taken out".to_owned()));
        };
        let premises = &self.0.premises;
        let permit =
            health
                .admit(premises.engine())
                .map_err(|quarantine| CallError::Quarantined {
                    plugin: name.clone(),
                    quarantine: Box::new(quarantine),
                })?;
        let plugin = slot.plugin(premises).await.map_err(not_in_service)?;
        Ok((plugin, permit))
    }

    fn answer<T>(
        &self,
        plugin: &PluginName,
        permit: Permit<'_>,
        said: Said<T>,
    ) -> Result<T, CallError> {
        permit.note(match &said {
            // An error the plugin speaks of is an answer all the same.
            Ok(_) => Outcome::Worked,
            Err(failure) if failure.kind.is_the_plugins_fault() => {
                Outcome::Failed(failure.kind.to_string())
            }
            Err(_) => Outcome::Undecided,
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
