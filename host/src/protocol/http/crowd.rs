//! How many may be in at one time.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::HttpLimits;

/// Places of one kind, whatever the operator writes. A process has fewer descriptors.
const PLACES_MAX: u32 = 1 << 20;

/// The places for connections, requests, streams and sessions.
pub(super) struct Crowd {
    pub(super) connections: Arc<Semaphore>,
    pub(super) sessions: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    /// Of legacy clients. They last as long as their session.
    streams: Arc<Semaphore>,
    /// Of modern clients. They end by themselves when the host does.
    subscriptions: Arc<Semaphore>,
    n_requests: u32,
    n_subscriptions: u32,
}

/// A place for as long as this is kept.
pub(super) struct Place(OwnedSemaphorePermit);

impl Crowd {
    /// Room for so many.
    pub(super) fn new(limits: &HttpLimits) -> Self {
        // No semaphore has as many places as 64 bits can count, and no machine has room for them.
        let bounded = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).min(PLACES_MAX);
        let places = |n: u64| Arc::new(Semaphore::new(bounded(n) as usize));
        Self {
            connections: places(limits.connections),
            sessions: places(limits.sessions),
            requests: places(limits.requests),
            streams: places(limits.streams),
            subscriptions: places(limits.streams),
            n_requests: bounded(limits.requests),
            n_subscriptions: bounded(limits.streams),
        }
    }

    /// A place for a request, when there is one: among those that tell of changes and last as long as the client
    /// likes, or among those that are answered. What a client says here costs it at most its own place.
    pub(super) fn enter(&self, method: &Method, headers: &HeaderMap) -> Option<Place> {
        let is_listening = || {
            let method = headers.get("mcp-method");
            method.is_some_and(|method| method == "subscriptions/listen")
        };
        let places = match *method {
            Method::GET => &self.streams,
            _ if is_listening() => &self.subscriptions,
            _ => &self.requests,
        };
        places.clone().try_acquire_owned().ok().map(Place)
    }

    /// Waits until no request is being answered, and the last word of every subscription is said.
    pub(super) async fn all_answered(&self) {
        // It fails when a semaphore is closed, which nobody does.
        let _ = self.requests.acquire_many(self.n_requests).await;
        let _ = self.subscriptions.acquire_many(self.n_subscriptions).await;
    }
}

impl Place {
    /// Keeps the place until the last byte of the answer is sent, or the client is gone.
    pub(super) fn kept_by(self, response: Response) -> Response {
        response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let Self(_kept) = &self;
                frame
            }))
        })
    }
}
