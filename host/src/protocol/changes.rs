//! Telling a client that something it may have kept is out of date.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::{Peer, SubscriptionSendError, SubscriptionSink};
use tokio::sync::broadcast::{self, error::RecvError};

use super::session::Subscriptions;
use crate::contract::ListKind;
use crate::host::Change;

/// Who is told, and of what.
pub(super) enum Audience {
    /// A legacy client: of every list, and of the resources it subscribed to.
    Legacy {
        /// The client.
        peer: Peer<RoleServer>,
        /// What it follows.
        subscriptions: Arc<Subscriptions>,
    },
    /// A modern client: of what its `subscriptions/listen` asked for.
    Modern(SubscriptionSink),
}

/// Tells every change until the client or the host is gone.
pub(super) async fn tell(mut changes: broadcast::Receiver<Change>, audience: Audience) {
    loop {
        let due = match changes.recv().await {
            Ok(change) => vec![change],
            // Some were missed, so anything may be out of date.
            Err(RecvError::Lagged(_)) => audience.everything(),
            Err(RecvError::Closed) => return,
        };
        for change in due {
            if audience.send(change).await.is_err() {
                return;
            }
        }
    }
}

/// The client is gone.
struct Gone;

impl Audience {
    /// All that the client follows.
    fn everything(&self) -> Vec<Change> {
        let uris = match self {
            Self::Legacy { subscriptions, .. } => subscriptions.all(),
            Self::Modern(sink) => sink
                .accepted()
                .resource_subscriptions
                .clone()
                .unwrap_or_default(),
        };
        let lists = [ListKind::Tools, ListKind::Resources, ListKind::Prompts].map(Change::List);
        lists
            .into_iter()
            .chain(uris.into_iter().map(Change::Resource))
            .collect()
    }

    /// Sends one change, if the client follows it.
    async fn send(&self, change: Change) -> Result<(), Gone> {
        match self {
            Self::Legacy {
                peer,
                subscriptions,
            } => {
                let sent = match change {
                    Change::List(ListKind::Tools) => peer.notify_tool_list_changed().await,
                    Change::List(ListKind::Prompts) => peer.notify_prompt_list_changed().await,
                    Change::List(ListKind::Resources) => peer.notify_resource_list_changed().await,
                    Change::Resource(uri) if !subscriptions.contains(&uri) => Ok(()),
                    Change::Resource(uri) => {
                        let notice = ResourceUpdatedNotificationParam::new(uri);
                        peer.notify_resource_updated(notice).await
                    }
                };
                sent.map_err(|_| Gone)
            }
            Self::Modern(sink) => {
                let sent = match change {
                    Change::List(ListKind::Tools) => sink.notify_tool_list_changed().await,
                    Change::List(ListKind::Prompts) => sink.notify_prompt_list_changed().await,
                    Change::List(ListKind::Resources) => sink.notify_resource_list_changed().await,
                    Change::Resource(uri) => sink.notify_resource_updated(uri).await,
                };
                match sent {
                    // The library knows what was asked for, and refuses the rest.
                    Ok(()) | Err(SubscriptionSendError::NotificationNotAccepted(_)) => Ok(()),
                    Err(_) => Err(Gone),
                }
            }
        }
    }
}
