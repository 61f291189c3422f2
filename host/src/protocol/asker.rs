//! Asking a legacy client what a call needs to know, so that a plugin is written once for both eras.
//!
//! A modern client gets the questions as the answer to its request and makes it again. A legacy one is asked with requests
//! of our own while its request waits, and the call is made again here.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;
use rmcp::RoleServer;
use rmcp::model::{CancelledNotificationParam, InputRequest, RequestId, ServerRequest};
use rmcp::service::{Peer, PeerRequestOptions, RequestContext, ServiceError};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Era, to_mcp};
use crate::host::{Asked, Call, CallError, Reply, Retry};
use crate::telemetry::Outcome;

/// One round of a call. Boxed, since a call's future is large and what drives the rounds would hold a copy of it.
pub(super) type Round<'a, T> = BoxFuture<'a, Result<Reply<T>, CallError>>;

/// Whoever can be asked while a call waits: a legacy client, or nobody.
pub(super) struct Asker(Option<Peer<RoleServer>>);

impl Asker {
    /// The client of a request.
    pub(super) fn of(request: &RequestContext<RoleServer>) -> Self {
        match Era::of(request) {
            Era::Legacy => Self(Some(request.peer.clone())),
            Era::Modern => Self(None),
        }
    }

    /// Makes a call, and makes it again with the client's responses for as long as there are questions and somebody to
    /// ask. The host bounds the number of rounds.
    pub(super) async fn complete<'a, T>(
        self,
        mut retry: Retry,
        call: Call,
        round: impl Fn(Retry, Call) -> Round<'a, T>,
    ) -> Result<Reply<T>, CallError> {
        let Self(Some(peer)) = self else {
            return answered_ahead(retry, call, round).await;
        };
        loop {
            let asked = match round(retry, call.clone()).await? {
                Reply::InputRequired(asked) => asked,
                complete => return Ok(complete),
            };
            let state = asked.state.clone();
            retry = Retry {
                responses: ask_all(&peer, &call, asked).await?,
                state: Some(state),
            };
        }
    }
}

/// A modern client may know the questions already and send its responses with the first request, which has no state. They
/// count for what the plugin asks then, as if the client had come back with them; what is not answered is asked for.
async fn answered_ahead<'a, T>(
    retry: Retry,
    call: Call,
    round: impl Fn(Retry, Call) -> Round<'a, T>,
) -> Result<Reply<T>, CallError> {
    if retry.state.is_some() || retry.responses.is_empty() {
        return round(retry, call).await;
    }
    let responses = retry.responses.clone();
    match round(retry, call.clone()).await? {
        Reply::InputRequired(asked) => {
            let state = Some(asked.state);
            round(Retry { responses, state }, call).await
        }
        complete => Ok(complete),
    }
}

/// Puts the questions one after the other, as a person would want them.
async fn ask_all(
    peer: &Peer<RoleServer>,
    call: &Call,
    asked: Asked,
) -> Result<BTreeMap<String, Value>, CallError> {
    let until = Instant::now() + asked.lifetime;
    let mut responses = BTreeMap::new();
    for (key, request) in asked.requests {
        let request = to_mcp::input_request(request)?;
        let asking = ask(peer, call, request, until).await;
        let response = asking?.ok_or_else(|| too_late(asked.lifetime))?;
        responses.insert(key, response);
    }
    Ok(responses)
}

/// Puts one question; none when nobody answered `until` then. A client that answers with an error has nothing else to say.
async fn ask(
    peer: &Peer<RoleServer>,
    call: &Call,
    request: InputRequest,
    until: Instant,
) -> Result<Option<Value>, CallError> {
    let (method, request) = match request {
        InputRequest::Elicitation(request) => {
            ("elicitation/create", ServerRequest::ElicitRequest(request))
        }
        InputRequest::CreateMessage(request) => (
            "sampling/createMessage",
            ServerRequest::CreateMessageRequest(request),
        ),
        InputRequest::ListRoots(request) => {
            ("roots/list", ServerRequest::ListRootsRequest(request))
        }
        _ => return Err(CallError::Unanswered("it cannot be asked that".to_owned())),
    };
    // Dropped when nobody waits any more, which is then what it tells.
    let watched = call.span.asking(method);
    let options = PeerRequestOptions::no_options();
    let asked = peer.send_cancellable_request(request, options).await;
    let asked = asked.map_err(unanswered)?;
    let id = asked.id.clone();
    let answer = tokio::select! {
        biased;
        answer = asked.await_response() => answer,
        () = call.cancelled.cancelled() => {
            withdraw(peer, id).await;
            return Err(CallError::Cancelled);
        }
        () = tokio::time::sleep_until(until) => {
            withdraw(peer, id).await;
            return Ok(None);
        }
    };
    let outcome = match &answer {
        Ok(_) => Some(Outcome::Answered),
        Err(ServiceError::McpError(error)) => Some(Outcome::Error(error.code.0)),
        Err(_) => None,
    };
    if let (Some(watched), Some(outcome)) = (watched, outcome) {
        watched.end(outcome);
    }
    answer.map(|result| Some(json!(result))).map_err(unanswered)
}

/// Tells the client that nobody waits for its answer, so that it takes the form off its screen.
async fn withdraw(peer: &Peer<RoleServer>, id: RequestId) {
    let notice = CancelledNotificationParam::new(Some(id), None);
    // It fails when the client has gone, and then there is no form.
    let _ = peer.notify_cancelled(notice).await;
}

fn unanswered(error: ServiceError) -> CallError {
    match error {
        ServiceError::McpError(error) => {
            // The client's words, which may be long.
            let words: String = error.message.chars().take(WORDS_CHARS_MAX).collect();
            CallError::Unanswered(words)
        }
        ServiceError::TransportClosed | ServiceError::Cancelled { .. } => CallError::Cancelled,
        error => CallError::Unanswered(error.to_string()),
    }
}

/// Characters of a client's reason that are passed on: a sentence.
const WORDS_CHARS_MAX: usize = 200;

fn too_late(lifetime: Duration) -> CallError {
    CallError::Unanswered(format!("nobody answered within {} s", lifetime.as_secs()))
}
