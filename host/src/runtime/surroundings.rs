//! What a guest is told of its call, in the contract's words.

use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::Store;

use super::bindings::portcullis::plugin::call as claimed;
use super::guest::Guest;
use crate::contract::JsonObject;

/// The context of the call that this store was made for, with the trace of its visit.
pub(super) fn surroundings(store: &Store<Guest>, deadline_ms: u64) -> claimed::Context {
    let context = &store.data().call.context;
    let capabilities = &context.capabilities;
    claimed::Context {
        call_id: next_call_id(),
        protocol_version: context.protocol_version.clone(),
        client: context.client.as_ref().map(|client| claimed::ClientInfo {
            name: client.name.clone(),
            version: client.version.clone(),
        }),
        capabilities: claimed::ClientCapabilities {
            elicitation_form: capabilities.elicitation_form,
            elicitation_url: capabilities.elicitation_url,
            sampling: capabilities.sampling,
            sampling_tools: capabilities.sampling_tools,
            roots: capabilities.roots,
            tasks: capabilities.tasks,
            extensions: capabilities
                .extensions
                .iter()
                .map(|(name, settings)| (name.clone(), json_text(settings)))
                .collect(),
        },
        principal: context
            .principal
            .as_ref()
            .map(|principal| claimed::Principal {
                subject: principal.subject.clone(),
                scopes: principal.scopes.clone(),
            }),
        trace: context.trace.as_ref().map(|trace| claimed::TraceContext {
            traceparent: trace.traceparent.clone(),
            tracestate: trace.tracestate.clone(),
        }),
        // Fifty days are as good as more.
        deadline_ms: u32::try_from(deadline_ms).unwrap_or(u32::MAX),
        meta: context.meta.as_ref().map(json_text),
    }
}

fn json_text(object: &JsonObject) -> String {
    serde_json::to_string(object).expect("a JSON value can always be written")
}

/// Names calls in the order they come. It repeats after a restart, when no call runs any more.
fn next_call_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
