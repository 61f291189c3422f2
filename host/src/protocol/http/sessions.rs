//! The sessions of legacy clients: how many there are, and whose each one is.
//!
//! The library keeps as many as anybody opens and lets everybody use them. This stands before it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures::Stream;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::common::server_side_http::ServerSseMessage;
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError,
};
use rmcp::transport::streamable_http_server::{SessionId, SessionManager};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::contract::Principal;

tokio::task_local! {
    /// Who sent the request that the library is dealing with. It calls a session manager in the request's own task.
    static CALLER: Caller;
}

/// Who sent a request, and what became of their session.
#[derive(Clone, Default)]
pub(super) struct Caller {
    subject: Option<String>,
    trouble: Arc<OnceLock<Trouble>>,
}

/// Why a session was not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There are too many.
    Full,
    /// There is none of that name, or it is somebody else's.
    Unknown,
}

impl Caller {
    /// The sender of a request; nobody in particular when nobody had to say who they are.
    pub(super) fn new(principal: Option<&Principal>) -> Self {
        Self {
            subject: principal.map(|principal| principal.subject.clone()),
            trouble: Arc::default(),
        }
    }

    /// Lets the library answer the request on this sender's behalf.
    pub(super) async fn during<T>(&self, answering: impl Future<Output = T>) -> Result<T, Trouble> {
        let answer = CALLER.scope(self.clone(), answering).await;
        match self.trouble.get() {
            Some(trouble) => Err(*trouble),
            None => Ok(answer),
        }
    }

    fn met(&self, trouble: Trouble) {
        // The first trouble is the one that counts.
        let _ = self.trouble.set(trouble);
    }
}

/// The sessions there are.
pub(super) struct Sessions {
    inner: LocalSessionManager,
    owners: Mutex<HashMap<SessionId, Owned>>,
    places: Arc<Semaphore>,
}

/// A session that somebody opened.
struct Owned {
    subject: Option<String>,
    _place: OwnedSemaphorePermit,
}

impl Sessions {
    /// Room for so many, each of which ends when nothing is said in it for so long.
    pub(super) fn new(places: Arc<Semaphore>, idle: Duration) -> Self {
        let mut inner = LocalSessionManager::default();
        inner.session_config.keep_alive = Some(idle);
        Self {
            inner,
            owners: Mutex::default(),
            places,
        }
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<SessionId, Owned>> {
        // The map is never left half changed.
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the session is there and the caller's. The library's own tasks have no caller, and may end any.
    fn is_callers(&self, id: &SessionId) -> bool {
        CALLER
            .try_with(|caller| {
                let owners = self.owners();
                let is_theirs = owners
                    .get(id)
                    .is_some_and(|owned| owned.subject == caller.subject);
                if !is_theirs {
                    caller.met(Trouble::Unknown);
                }
                is_theirs
            })
            .unwrap_or(true)
    }
}

impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        let caller = CALLER.try_with(Caller::clone).unwrap_or_default();
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            caller.met(Trouble::Full);
            return Err(LocalSessionManagerError::SessionNotFound("".into()));
        };
        let (id, transport) = self.inner.create_session().await?;
        let owned = Owned {
            subject: caller.subject,
            _place: place,
        };
        self.owners().insert(id.clone(), owned);
        Ok((id, transport))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.inner.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        Ok(self.is_callers(id) && self.inner.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        if !self.is_callers(id) {
            return Ok(());
        }
        let closed = self.inner.close_session(id).await;
        self.owners().remove(id);
        closed
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.create_stream(id, message).await
    }

    async fn accept_message(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<(), Self::Error> {
        self.inner.accept_message(id, message).await
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.create_standalone_stream(id).await
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.resume(id, last_event_id).await
    }
}
