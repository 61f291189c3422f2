//! One plugin's place in the host: its files, its state, and its code once somebody needs it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::OnceCell;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::breaker::Quarantine;
use super::health::{self, Health};
use super::install::{Broken, Installed};
use super::premises::Premises;
use super::settings::{self, Settings};
use super::start;
use super::witness::Watching;
use crate::config::Start;
use crate::contract::{ListKind, Lists};
use crate::names::{Digest, PluginName};
use crate::runtime::{Deactivation, LogLine, Plugin, PluginLog, Totals};

/// Where a plugin stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "reason")]
pub enum State {
    /// Its lists are not there yet.
    Loading,
    /// Clients see what it offers.
    Active,
    /// Clients see what it offers, and for a while nobody gets an answer, because its calls kept failing.
    Quarantined(String),
    /// It is out of service, and this is why.
    Failed(String),
}

/// A plugin and its state, for people.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its name, or its file's when it has none.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The digest of its component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Where it came from.
    pub origin: String,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// Its quarantine, while there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
    /// What it used since the host started.
    pub usage: Totals,
}

/// Components that are known to have stood in a place before. Who is asked a question by one of them and answers after so
/// many swaps is told that the state is not of this host.
const FORMER_MAX: usize = 8;

/// One plugin's place.
pub(super) struct Slot {
    origin: String,
    name: String,
    installed: Option<Installed>,
    /// What the operator set for it, without its secrets.
    settings: Settings,
    log: Option<Arc<PluginLog>>,
    /// None when it could not even be read.
    health: Option<Health>,
    service: Mutex<Service>,
    plugin: Code,
    /// How long it took to get its code ready, from the cache or by compiling it.
    loaded_in: OnceLock<Duration>,
    /// What stood in this place before, newest first.
    former: Vec<Digest>,
    /// Fires when nobody uses this any more.
    left: CancellationToken,
    _leaves: DropGuard,
    /// Held while its lists are asked for again.
    refreshing: tokio::sync::Mutex<()>,
}

/// A plugin's code once somebody needs it, or why it cannot be had.
type Code = Arc<OnceCell<Result<Arc<Plugin>, String>>>;

/// What changes about a slot.
#[derive(Debug, Default)]
struct Service {
    lists: Option<Arc<Lists>>,
    /// Why it is out of service for good.
    failure: Option<String>,
    /// Lists the plugin said are out of date, and that nobody has asked for yet.
    stale: BTreeSet<ListKind>,
}

impl Slot {
    pub(super) fn new(installed: Installed) -> Self {
        let settled = settings::settle(&installed.manifest, &installed.settings);
        let (settings, failure) = match settled {
            Ok(settings) => (settings, None),
            Err(reason) => (Settings::new(), Some(reason)),
        };
        let name = &installed.identity.name;
        let left = CancellationToken::new();
        Self {
            origin: installed.origin.clone(),
            name: name.to_string(),
            log: Some(start::log(&installed)),
            health: Some(Health::new(&installed)),
            installed: Some(installed),
            settings,
            service: Mutex::new(Service {
                failure,
                ..Service::default()
            }),
            plugin: Code::default(),
            loaded_in: OnceLock::new(),
            former: Vec::new(),
            _leaves: left.clone().drop_guard(),
            left,
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn broken(broken: Broken) -> Self {
        let name = broken
            .name
            .map_or_else(|| broken.origin.clone(), |name| name.to_string());
        let left = CancellationToken::new();
        Self {
            origin: broken.origin,
            name,
            installed: None,
            settings: Settings::new(),
            log: None,
            health: None,
            service: Mutex::new(Service {
                failure: Some(broken.reason),
                ..Service::default()
            }),
            plugin: Code::default(),
            loaded_in: OnceLock::new(),
            former: Vec::new(),
            _leaves: left.clone().drop_guard(),
            left,
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    /// The same place, out of service because its name is taken.
    pub(super) fn into_duplicate_of(self, first: &str) -> Self {
        let reason = format!(
            "a plugin named `{}` is already there, from {first} (hint: remove one of the two, or rename one in its manifest)",
            self.name
        );
        Self::broken(Broken {
            name: self.installed.map(|it| it.identity.name),
            origin: self.origin,
            reason,
        })
    }

    /// The same, in the place of another.
    pub(super) fn after(self, other: &Self) -> Self {
        let before = other.digest().into_iter();
        let mut former: Vec<_> = before.chain(other.former.iter().copied()).collect();
        former.retain(|digest| Some(*digest) != self.digest());
        former.truncate(FORMER_MAX);
        Self { former, ..self }
    }

    /// What stood in this place before.
    pub(super) fn former(&self) -> &[Digest] {
        &self.former
    }

    fn digest(&self) -> Option<Digest> {
        Some(self.installed.as_ref()?.identity.digest)
    }

    /// Its plugin's name, when its manifest could be read.
    pub(super) fn plugin_name(&self) -> Option<&PluginName> {
        Some(&self.installed.as_ref()?.identity.name)
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// What is installed here; none when it could not even be read.
    pub(super) fn installed(&self) -> Option<&Installed> {
        self.installed.as_ref()
    }

    pub(super) fn log_lines(&self) -> Vec<LogLine> {
        self.log.as_ref().map(|log| log.lines()).unwrap_or_default()
    }

    pub(super) fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// Goes on with what an earlier host decided about the same component. What that met has nothing to do with a trial.
    pub(super) fn resume(&self, premises: &Premises) {
        if let (Some(health), None) = (&self.health, premises.pretended()) {
            health.resume(premises.engine());
        }
    }

    /// What it used since the host started.
    pub(super) fn usage(&self) -> Totals {
        self.plugin_if_ready()
            .map(|plugin| plugin.totals())
            .unwrap_or_default()
    }

    pub(super) fn starts_eagerly(&self) -> bool {
        self.installed
            .as_ref()
            .is_some_and(|installed| installed.start == Start::Eager)
    }

    /// The plugin, loaded and activated; waits for that when it has not happened yet. A failure stays.
    pub(super) async fn plugin(&self, premises: &Premises) -> Result<Arc<Plugin>, String> {
        let (Some(installed), Some(log)) = (&self.installed, &self.log) else {
            return Err(self.failure().unwrap_or_default());
        };
        let failure = self.lock().failure.clone();
        if let (None, Some(reason)) = (self.plugin.get(), failure) {
            return Err(reason);
        }
        let load = async {
            let began = Instant::now();
            let code = start::load(installed, premises)
                .await
                .map_err(|error| error.to_string())?;
            let _ = self.loaded_in.set(began.elapsed());
            let (settings, log) = (self.settings.clone(), log.clone());
            let started = start::start_with(installed, code, settings, log, premises).await;
            started.map(Arc::new).map_err(|error| error.to_string())
        };
        let plugin = self.plugin.get_or_init(|| load).await.clone();
        if let Err(reason) = &plugin {
            self.lock().failure = Some(reason.clone());
        }
        plugin
    }

    /// How long it took to get its code ready.
    pub(super) fn loaded_in(&self) -> Duration {
        self.loaded_in.get().copied().unwrap_or_default()
    }

    /// Tells the plugin that its service ends, if it ever began.
    pub(super) async fn end(&self, reason: Deactivation, premises: &Premises) {
        end(&self.plugin, reason, premises).await;
    }

    /// What waits until nobody uses this any more, or no longer than `stopping` lets it, and then tells the plugin that
    /// another version took over.
    pub(super) fn farewell(
        &self,
        stopping: CancellationToken,
        premises: Premises,
    ) -> impl Future<Output = ()> + use<> {
        let (left, plugin) = (self.left.clone(), self.plugin.clone());
        async move {
            tokio::select! {
                () = left.cancelled() => {}
                () = stopping.cancelled() => {}
            }
            end(&plugin, Deactivation::Upgrade, &premises).await;
        }
    }

    pub(super) fn plugin_if_ready(&self) -> Option<&Arc<Plugin>> {
        self.plugin.get()?.as_ref().ok()
    }

    /// What it offers, when it is in service.
    pub(super) fn lists(&self) -> Option<Arc<Lists>> {
        let service = self.lock();
        if service.failure.is_some() {
            None
        } else {
            service.lists.clone()
        }
    }

    pub(super) fn set_lists(&self, lists: Lists) {
        self.lock().lists = Some(Arc::new(lists));
    }

    pub(super) fn set_failure(&self, reason: String) {
        self.lock().failure = Some(reason);
    }

    /// Waits for a refresh that is under way, and keeps the next one waiting.
    pub(super) async fn refreshing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.refreshing.lock().await
    }

    /// Notes that lists are out of date. Says whether somebody has to be sent for them, which is when nobody was yet.
    pub(super) fn note_stale_lists(&self, lists: BTreeSet<ListKind>) -> bool {
        let stale = &mut self.lock().stale;
        let is_first = stale.is_empty() && !lists.is_empty();
        stale.extend(lists);
        is_first
    }

    pub(super) fn take_stale_lists(&self) -> BTreeSet<ListKind> {
        std::mem::take(&mut self.lock().stale)
    }

    /// Why it is out of service, when it is.
    pub(super) fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    /// Where it stands, when `clash` says why it does not stand beside the plugins before it.
    pub(super) fn status(&self, clash: Option<&str>) -> Status {
        let installed = self.installed.as_ref();
        let quarantine = self.health.as_ref().and_then(Health::quarantine);
        let failure = self.failure().or_else(|| clash.map(str::to_owned));
        let state = match (failure, &quarantine) {
            (Some(reason), _) => State::Failed(reason),
            (None, Some(quarantine)) => State::Quarantined(health::words(quarantine)),
            (None, None) if self.lists().is_some() => State::Active,
            (None, None) => State::Loading,
        };
        Status {
            name: self.name.clone(),
            version: installed.map(|installed| installed.manifest.version.to_string()),
            description: installed.and_then(|installed| installed.manifest.description.clone()),
            digest: installed.map(|installed| installed.identity.digest),
            origin: self.origin.clone(),
            state,
            quarantine,
            usage: self.usage(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Service> {
        // Each change is one assignment, so a panic leaves nothing half done.
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn end(
    plugin: &OnceCell<Result<Arc<Plugin>, String>>,
    reason: Deactivation,
    premises: &Premises,
) {
    let Some(Ok(plugin)) = plugin.get() else {
        return;
    };
    let (watching, call) = Watching::begin_quietly(premises, "deactivate", &plugin.identity().name);
    let ended = plugin.deactivate(reason, call).await;
    if let Err(failure) = Watching::end_quietly(watching, ended) {
        tracing::warn!(%failure, "a plugin did not end well");
    }
}
