//! One visit to a plugin: who was visited, and what it cost.

use std::borrow::Cow;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt as _};

use super::attributes::{self, bounded, count};
use super::span::{Watched, written};
use crate::contract::TraceContext;
use crate::names::Identity;

/// What a visit used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Units of fuel.
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory_bytes: u64,
    /// Microseconds of a core.
    pub cpu_us: u64,
    /// Calls into the host.
    pub host_calls: u64,
    /// Bytes that left for the network.
    pub bytes_sent: u64,
    /// Bytes that came from it.
    pub bytes_received: u64,
}

/// A visit that is being watched.
pub struct Visit {
    watched: Watched,
    plugin: KeyValue,
    is_call: bool,
}

impl Visit {
    pub(super) fn begin(parent: &Watched, plugin: &Identity, is_call: bool) -> Self {
        let name = KeyValue::new(attributes::PLUGIN, bounded(plugin.name.as_str()));
        let digest = KeyValue::new(attributes::DIGEST, plugin.digest.to_string());
        let watched = Watched::begin(
            parent.watch.clone(),
            &parent.context,
            format!("plugin {}", plugin.name),
            SpanKind::Internal,
            vec![name.clone(), digest],
            None,
        );
        Self {
            watched,
            plugin: name,
            is_call,
        }
    }

    /// The trace, with the visit as what comes next belongs to.
    pub fn trace(&self) -> TraceContext {
        written(&self.watched.context)
    }

    /// Says what it cost, and in one of few words why there is no answer.
    pub fn end(self, spent: Spent, failure: Option<&'static str>) {
        let Watched { watch, context } = &self.watched;
        let span = context.span();
        for (name, value) in [
            (attributes::FUEL, spent.fuel),
            (attributes::MEMORY, spent.memory_bytes),
            (attributes::CPU, spent.cpu_us),
            (attributes::HOST_CALLS, spent.host_calls),
            (attributes::BYTES_SENT, spent.bytes_sent),
            (attributes::BYTES_RECEIVED, spent.bytes_received),
        ] {
            span.set_attribute(KeyValue::new(name, count(value)));
        }
        let plugin = std::slice::from_ref(&self.plugin);
        if self.is_call {
            watch.calls.add(1, plugin);
        }
        watch.fuel.add(spent.fuel, plugin);
        if let Some(failure) = failure {
            let error = KeyValue::new(attributes::ERROR, failure);
            span.set_attribute(error.clone());
            span.set_status(Status::Error {
                description: Cow::Borrowed(""),
            });
            if self.is_call {
                watch.failures.add(1, &[self.plugin.clone(), error]);
            }
        }
        span.end();
    }
}
