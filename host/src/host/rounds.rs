//! The rounds of a call that asks for more: what leaves the host sealed, what comes back, and when it is asked again.
//!
//! A question goes out with a state that holds everything the next round needs: the plugin's own state, the questions, and
//! what was answered so far. Nothing is kept here, so any host that shares the state directory can go on, also after a
//! restart. The state is bound to who asks and what for, and void after a while.

mod needs;
mod response;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Premises;
use super::error::CallError;
use crate::contract::{
    ClientCapabilities, Context, Continuation, InputRequest, InputRequired, InputResponse,
};
use crate::limits::{RESPONSES_BYTES_MAX, ROUNDS_MAX, SEALED_BYTES_MAX};
use crate::names::Digest;

pub(super) use needs::refuse_undeclared;
pub(super) use response::read as read_response;

/// How a call ends that may have to ask first.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply<T> {
    /// With what was asked for.
    Complete(T),
    /// With questions. The call goes on when it is made again with the responses.
    InputRequired(Asked),
}

/// What a client is asked before a call goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The questions that are open. There may be none: then the call just has to be made again.
    pub requests: Vec<(String, InputRequest)>,
    /// To be brought back unchanged.
    pub state: String,
    /// How long the state is good.
    pub lifetime: Duration,
}

/// What a client brings back for a call; nothing at first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Retry {
    /// Its responses, in MCP's words, by the keys of the questions.
    pub responses: BTreeMap<String, Value>,
    /// The state it was given.
    pub state: Option<String>,
}

/// What a call's rounds have in common. A state is good for no other call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'a> {
    /// Such as `tools/call`.
    pub(super) method: &'static str,
    /// The tool, prompt or URI.
    pub(super) subject: &'a str,
    /// The arguments, as JSON.
    pub(super) arguments: &'a Value,
    /// The component that is called.
    pub(super) component: Digest,
    /// What stood in its place before. Their states are told apart from those that are nobody's.
    pub(super) former: &'a [Digest],
    /// Who asks.
    pub(super) caller: &'a Caller,
}

/// Who makes a call, as far as its rounds have to know: the rest of the context goes into the instance.
#[derive(Debug)]
pub(super) struct Caller {
    /// Whose state it is.
    subject: Option<String>,
    /// What their client can be asked.
    capabilities: ClientCapabilities,
}

impl Caller {
    pub(super) fn of(context: &Context) -> Self {
        let principal = context.principal.as_ref();
        Self {
            subject: principal.map(|principal| principal.subject.clone()),
            capabilities: context.capabilities.clone(),
        }
    }
}

/// What a round begins with.
pub(super) enum Begin {
    /// The plugin is called, in this round.
    Call(Continuation, u32),
    /// Something is missing, and is asked for again.
    Ask(Asked),
}

/// What travels through the client.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Seconds since 1970 after which it is void.
    until: u64,
    round: u32,
    questions: InputRequired,
    answered: Vec<(String, InputResponse)>,
}

/// The rounds of one host.
#[derive(Clone, Copy)]
pub(super) struct Rounds<'a> {
    pub(super) premises: &'a Premises,
    /// Milliseconds in which questions may be answered.
    pub(super) answer_wait_ms: u64,
}

impl Rounds<'_> {
    /// Reads what the client brings.
    ///
    /// # Errors
    /// When its state is not from this host, for another call or void, or it went through too many rounds.
    pub(super) fn begin(self, bound: Bound<'_>, retry: Retry) -> Result<Begin, CallError> {
        // Without a state nothing was asked, so whatever responses there are answer nothing.
        let Some(state) = retry.state else {
            return Ok(Begin::Call(Continuation::default(), 0));
        };
        if state.len() > SEALED_BYTES_MAX {
            return Err(CallError::BadState);
        }
        let seal = self.premises.seal().map_err(CallError::Unsealed)?;
        let opened = seal.open(&bound.purpose(), &state);
        let opened = opened.ok_or_else(|| {
            let opens = |before: &Digest| {
                let bound = Bound {
                    component: *before,
                    ..bound
                };
                seal.open(&bound.purpose(), &state).is_some()
            };
            match bound.former.iter().any(opens) {
                true => CallError::Replaced,
                false => CallError::BadState,
            }
        })?;
        let mut sealed: Sealed =
            serde_json::from_slice(&opened).map_err(|_| CallError::BadState)?;
        if sealed.until < now() {
            return Err(CallError::BadState);
        }
        refuse_long(&retry.responses)?;
        let mut missing = Vec::new();
        for (key, request) in &sealed.questions.requests {
            if sealed.answered.iter().any(|(answered, _)| answered == key) {
                continue;
            }
            let response = retry.responses.get(key);
            match response.and_then(|response| read_response(request, response)) {
                Some(response) => sealed.answered.push((key.clone(), response)),
                None => missing.push((key.clone(), request.clone())),
            }
        }
        if missing.is_empty() {
            let continuation = Continuation {
                responses: sealed.answered,
                state: sealed.questions.state,
            };
            return Ok(Begin::Call(continuation, sealed.round));
        }
        refuse_undeclared(&missing, &bound.caller.capabilities)?;
        let again = Sealed {
            round: sealed.round + 1,
            ..sealed
        };
        self.ask(bound, again, missing).map(Begin::Ask)
    }

    /// Sends a round's questions out.
    ///
    /// # Errors
    /// When the client did not declare that it can answer them, or there were too many rounds.
    pub(super) fn questions(
        self,
        bound: Bound<'_>,
        round: u32,
        questions: InputRequired,
    ) -> Result<Asked, CallError> {
        refuse_undeclared(&questions.requests, &bound.caller.capabilities)?;
        let requests = questions.requests.clone();
        let sealed = Sealed {
            until: 0,
            round: round + 1,
            questions,
            answered: Vec::new(),
        };
        self.ask(bound, sealed, requests)
    }

    fn ask(
        self,
        bound: Bound<'_>,
        sealed: Sealed,
        requests: Vec<(String, InputRequest)>,
    ) -> Result<Asked, CallError> {
        if sealed.round > ROUNDS_MAX {
            return Err(CallError::TooManyRounds);
        }
        let lifetime = Duration::from_millis(self.answer_wait_ms);
        let sealed = Sealed {
            until: now().saturating_add(lifetime.as_secs().max(1)),
            ..sealed
        };
        let bytes = serde_json::to_vec(&sealed).expect("a state can always be written as JSON");
        let seal = self.premises.seal().map_err(CallError::Unsealed)?;
        let state = seal
            .seal(&bound.purpose(), &bytes)
            .map_err(|error| CallError::Unsealed(error.to_string()))?;
        Ok(Asked {
            requests,
            state,
            lifetime,
        })
    }
}

impl Bound<'_> {
    /// What a state is good for. Each part is told apart from the next by being JSON.
    fn purpose(self) -> Vec<u8> {
        let component = self.component.to_string();
        // A client may write the same arguments in another order.
        let mut arguments = self.arguments.clone();
        arguments.sort_all_objects();
        let parts = (
            self.method,
            self.subject,
            arguments,
            component,
            &self.caller.subject,
        );
        let parts =
            serde_json::to_vec(&parts).expect("text and JSON can always be written as JSON");
        Sha256::digest(parts).to_vec()
    }
}

/// Responses travel with the state when some of them have to be asked for again.
pub(super) fn refuse_long(responses: &BTreeMap<String, Value>) -> Result<(), CallError> {
    let bytes = |value: &Value| value.to_string().len();
    let total: usize = responses.values().map(bytes).sum();
    match total > RESPONSES_BYTES_MAX {
        true => Err(CallError::BadArguments(format!(
            "the responses have {total} bytes, and {RESPONSES_BYTES_MAX} are allowed"
        ))),
        false => Ok(()),
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
