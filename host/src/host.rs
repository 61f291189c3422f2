//! The switchboard: which plugins are installed, which are in service, and the way of a call to the one that answers.
//!
//! Plugins are loaded side by side in the background. One that fails stays visible with its reason and costs nobody else
//! anything. The lists come from the cache wherever they can, so they are complete before any code is ready.

mod breaker;
mod calls;
mod changes;
mod component;
mod environment;
mod error;
mod health;
mod install;
mod lineup;
mod powers;
mod premises;
mod replace;
mod rounds;
mod service;
mod settings;
mod skills;
mod slot;
mod start;
mod tasks;
mod witness;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tokio_util::task::TaskTracker;

use crate::catalogue::Catalogue;
use crate::runtime::Deactivation;
use crate::telemetry::Telemetry;

pub use crate::runtime::{Call, LogLine, Source, Totals, Trail, Tried, Usage};
pub use breaker::Quarantine;
pub use calls::ToolReply;
pub use changes::Change;
pub use component::Component;
pub use error::{CallError, Kind};
pub use install::{Broken, Installed, install, install_one, install_source};
pub use premises::Premises;
pub use replace::Replaced;
pub use rounds::{Asked, Reply, Retry};
pub use slot::{State, Status};
pub use start::{StartError, load, start};
pub use tasks::{TaskFailure, TaskStatus, TaskView};
pub use witness::{Said, Seen, Witness};

use lineup::Lineup;

/// How long a list waits for plugins that are still being loaded. Clients allow a server ten seconds to start; after this
/// they get what is there, and a notification when the rest is.
const LIST_WAIT: Duration = Duration::from_secs(8);

/// How long all plugins together may take to end. Clients kill a server that stays much longer.
const FAREWELL_WAIT: Duration = Duration::from_secs(2);

/// Changes that are kept for a session that is slow to read them; one that is slower still is told to ask for everything.
const CHANGES_KEPT: usize = 256;

/// A running host. Cheap to clone; the plugins go on as long as one clone lives.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    premises: Premises,
    /// Replaced as a whole, so that a call finds its tool and its plugin as they belong together.
    lineup: watch::Sender<Arc<Lineup>>,
    /// Whether every plugin is in service or has failed.
    settled: watch::Sender<bool>,
    changes: broadcast::Sender<Change>,
    tasks: tasks::Desk,
    /// Held while a plugin is replaced.
    replacing: tokio::sync::Mutex<()>,
    /// Plugins that were replaced, and have yet to be told.
    leaving: TaskTracker,
}

impl Host {
    /// Starts a host. Returns at once, and loads the plugins in the background.
    ///
    /// Of two plugins with one name the first is served.
    pub fn start(premises: impl Into<Premises>, installed: Vec<Result<Installed, Broken>>) -> Self {
        let premises = premises.into();
        let lineup = Lineup::new(installed);
        for slot in lineup.places() {
            slot.resume(&premises);
        }
        let host = Self(Arc::new(Inner {
            premises,
            lineup: watch::Sender::new(Arc::new(lineup)),
            settled: watch::Sender::new(false),
            changes: broadcast::Sender::new(CHANGES_KEPT),
            tasks: tasks::Desk::default(),
            replacing: tokio::sync::Mutex::default(),
            leaving: TaskTracker::new(),
        }));
        let starting = host.clone();
        tokio::spawn(async move { starting.begin_service().await });
        host
    }

    /// Waits until every plugin is in service or has failed, however long the longest compilation takes.
    pub async fn settled(&self) {
        let mut settled = self.0.settled.subscribe();
        // It fails when the sender is gone, which lives as long as this host.
        let _ = settled.wait_for(|settled| *settled).await;
    }

    /// The lists, once every plugin is in service or has failed; after some seconds, what is there by then.
    pub async fn catalogue(&self) -> Arc<Catalogue> {
        self.full_lineup().await.catalogue.clone()
    }

    /// The same with the plugins that offer what is in them.
    async fn full_lineup(&self) -> Arc<Lineup> {
        let is_settled = *self.0.settled.borrow();
        if !is_settled
            && tokio::time::timeout(LIST_WAIT, self.settled())
                .await
                .is_err()
        {
            self.rebuild_catalogue();
        }
        self.lineup()
    }

    fn lineup(&self) -> Arc<Lineup> {
        self.0.lineup.borrow().clone()
    }

    /// The lists as they are now; empty while plugins are being loaded. Never waits.
    pub fn catalogue_now(&self) -> Arc<Catalogue> {
        self.0.lineup.borrow().catalogue.clone()
    }

    /// What a model should know before it chooses a tool: the plugins' own words, each under its name.
    pub fn instructions(&self) -> Option<Arc<str>> {
        self.0.lineup.borrow().instructions.clone()
    }

    /// Every plugin with its state, in the operator's order.
    pub fn statuses(&self) -> Vec<Status> {
        self.lineup().statuses()
    }

    /// What clients may have kept and is out of date, from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// Who watches the host.
    pub fn telemetry(&self) -> &Telemetry {
        self.0.premises.telemetry()
    }

    /// Ends the service: lets go of tasks, so that another host can go on with them, tells the plugins that were told of its
    /// beginning, waits a moment for them, and then for the last of what is exported.
    pub async fn shutdown(&self) {
        let farewell = async {
            self.0.tasks.leave().await;
            self.0.leaving.close();
            self.0.leaving.wait().await;
            for slot in self.lineup().places() {
                slot.end(Deactivation::Shutdown, &self.0.premises).await;
            }
        };
        if tokio::time::timeout(FAREWELL_WAIT, farewell).await.is_err() {
            tracing::warn!("some plugins did not end in time");
        }
        self.telemetry().close().await;
    }
}
