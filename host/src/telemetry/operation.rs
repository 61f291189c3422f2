//! One request of MCP, from its arrival to its answer.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use opentelemetry::trace::{SpanKind, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};

use super::attributes::{self, OTHER, Transport, bounded};
use super::span::{Span, Watched, remote};
use super::watch::Watch;
use crate::contract::TraceContext;

/// What is known of a request when it arrives.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// The method, when it is one of MCP's.
    pub method: Option<&'static str>,
    /// How it came.
    pub transport: Transport,
    /// The client's id for it.
    pub id: Option<String>,
    /// The revision of MCP, when it is one that is served.
    pub protocol_version: Option<&'a str>,
    /// The session it came in.
    pub session: Option<&'a str>,
    /// The version of HTTP it came in.
    pub http_version: Option<&'static str>,
    /// The trace the request itself says it belongs to.
    pub trace: Option<&'a TraceContext>,
    /// The trace of what brought it here.
    pub ambient: Option<&'a TraceContext>,
}

/// What a request is about. Its names come from the catalogue, never from a client.
#[derive(Debug, Clone)]
pub enum Target {
    /// A tool, by its public name.
    Tool(Arc<str>),
    /// A prompt, by its public name.
    Prompt(Arc<str>),
    /// A resource that is listed.
    Resource(Arc<str>),
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Answered,
    /// With an answer that says the tool failed.
    ToolError,
    /// With an error of JSON-RPC.
    Error(i32),
    /// Nobody waited for it.
    Abandoned,
}

/// A request that is being watched. Dropping it says that nobody waited for its answer.
#[derive(Debug)]
pub struct Operation {
    span: Span,
    kind: SpanKind,
    method: &'static str,
    started: Instant,
    /// What its metrics are told apart by; every value is one of few.
    dimensions: Vec<KeyValue>,
    is_over: bool,
}

impl Operation {
    pub(super) fn begin(watch: Arc<Watch>, incoming: Incoming<'_>) -> Self {
        let method = incoming.method.unwrap_or(OTHER);
        let mut dimensions = vec![
            KeyValue::new(attributes::METHOD, method),
            incoming.transport.attribute(),
        ];
        if let Some(version) = incoming.protocol_version {
            dimensions.push(KeyValue::new(
                attributes::PROTOCOL_VERSION,
                bounded(version),
            ));
        }
        if let Some(version) = incoming.http_version {
            dimensions.push(KeyValue::new(attributes::NETWORK_PROTOCOL, "http"));
            dimensions.push(KeyValue::new(attributes::NETWORK_VERSION, version));
        }
        let mut about = dimensions.clone();
        if let Some(id) = &incoming.id {
            about.push(KeyValue::new(attributes::REQUEST_ID, bounded(id)));
        }
        if let Some(session) = incoming.session {
            about.push(KeyValue::new(attributes::SESSION, bounded(session)));
        }
        let ambient = incoming.ambient.and_then(remote);
        let (parent, link) = match incoming.trace.and_then(remote) {
            Some(own) => (Some(own), ambient),
            None => (ambient, None),
        };
        let parent = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(parent)
        });
        let name = method.to_owned();
        let span = Watched::begin(watch, &parent, name, SpanKind::Server, about, link);
        Self::watching(span, SpanKind::Server, method, dimensions)
    }

    /// Says what it is about, once that is known.
    pub fn about(&mut self, target: Target) {
        let Some(Watched { context, .. }) = &self.span.0 else {
            return;
        };
        let span = context.span();
        let (key, name) = match target {
            Target::Tool(name) => (attributes::TOOL, name),
            Target::Prompt(name) => (attributes::PROMPT, name),
            // No part of the span's name, and nothing to tell numbers apart by: there may be very many.
            Target::Resource(uri) => {
                span.set_attribute(KeyValue::new(attributes::RESOURCE, bounded(&uri)));
                return;
            }
        };
        span.update_name(format!("{} {name}", self.method));
        let mut said = vec![KeyValue::new(key, bounded(&name))];
        if key == attributes::TOOL {
            said.push(KeyValue::new(attributes::OPERATION, "execute_tool"));
        }
        span.set_attributes(said.iter().cloned());
        self.dimensions.extend(said);
    }

    pub(super) fn asking(parent: &Watched, method: &'static str) -> Self {
        let dimensions = vec![KeyValue::new(attributes::METHOD, method)];
        let span = Watched::begin(
            parent.watch.clone(),
            &parent.context,
            method.to_owned(),
            SpanKind::Client,
            dimensions.clone(),
            None,
        );
        Self::watching(span, SpanKind::Client, method, dimensions)
    }

    fn watching(
        span: Watched,
        kind: SpanKind,
        method: &'static str,
        dimensions: Vec<KeyValue>,
    ) -> Self {
        Self {
            span: Span(Some(span)),
            kind,
            method,
            started: Instant::now(),
            dimensions,
            is_over: false,
        }
    }

    /// What is done for it belongs to this.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Says how it ended.
    pub fn end(mut self, outcome: Outcome) {
        self.settle(outcome);
    }

    fn settle(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let Some(Watched { watch, context }) = &self.span.0 else {
            return;
        };
        let span = context.span();
        let dimensions = &mut self.dimensions;
        if let Outcome::Error(code) = outcome {
            span.set_attribute(KeyValue::new(attributes::STATUS_CODE, code.to_string()));
        }
        if let Some(error) = error_type(outcome) {
            span.set_attribute(KeyValue::new(attributes::ERROR, error.clone()));
            // Without words: they are the plugin's, or tell of arguments.
            span.set_status(Status::error(""));
            dimensions.push(KeyValue::new(attributes::ERROR, error));
        }
        span.end();
        let histogram = match self.kind {
            SpanKind::Client => &watch.asked,
            _ => &watch.operations,
        };
        histogram.record(self.started.elapsed().as_secs_f64(), dimensions);
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.settle(Outcome::Abandoned);
    }
}

/// What went wrong, as one of few words. A plugin can answer with any code outside those that JSON-RPC keeps for itself.
fn error_type(outcome: Outcome) -> Option<Cow<'static, str>> {
    match outcome {
        Outcome::Answered => None,
        Outcome::ToolError => Some("tool_error".into()),
        Outcome::Abandoned => Some("cancelled".into()),
        Outcome::Error(code @ -32_768..=-32_000) => Some(code.to_string().into()),
        Outcome::Error(_) => Some(OTHER.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_of_few() {
        let check = |outcome, expected: Option<&str>| {
            assert_eq!(error_type(outcome).as_deref(), expected);
        };
        check(Outcome::Answered, None);
        check(Outcome::ToolError, Some("tool_error"));
        check(Outcome::Abandoned, Some("cancelled"));
        check(Outcome::Error(-32_602), Some("-32602"));
        check(Outcome::Error(-31_999), Some("_OTHER"));
        check(Outcome::Error(i32::MAX), Some("_OTHER"));
    }
}
