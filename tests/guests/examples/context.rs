//! Answers with what it can see: the context of the call, and what it got from the system, which is nothing.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};

use portcullis_test_guests::*;
use serde_json::{Value, json};

struct Sees;

impl Trick for Sees {
    const NAME: &str = "context";

    fn play(_request: CallRequest, context: Context) -> Outcome {
        let seen = json!({ "call": call(&context), "system": system() }).to_string();
        Ok(CallOutcome::Complete(ToolResult {
            structured: Some(seen.clone()),
            ..said(seen)
        }))
    }
}

fn call(context: &Context) -> Value {
    let can = &context.capabilities;
    json!({
        "callId": context.call_id,
        "protocolVersion": context.protocol_version,
        "client": context.client.as_ref().map(|client| json!([client.name, client.version])),
        "capabilities": {
            "elicitationForm": can.elicitation_form,
            "elicitationUrl": can.elicitation_url,
            "sampling": can.sampling,
            "samplingTools": can.sampling_tools,
            "roots": can.roots,
            "tasks": can.tasks,
            "extensions": can.extensions,
        },
        "principal": context.principal.as_ref().map(|who| json!([who.subject, who.scopes])),
        "trace": context.trace.as_ref().map(|trace| json!([trace.traceparent, trace.tracestate])),
        "deadlineMs": context.deadline_ms,
        "meta": context.meta,
    })
}

fn system() -> Value {
    json!({
        "variables": std::env::vars().collect::<Vec<_>>(),
        "nArguments": std::env::args().count(),
        "rootIsReadable": std::fs::read_dir("/").is_ok(),
        "connectFailsWith": failure(TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], 1)))),
        "resolveFailsWith": failure("localhost:1".to_socket_addrs()),
        "stdinIsAtItsEnd": matches!(std::io::stdin().read(&mut [0]), Ok(0)),
    })
}

/// The kind of error in an outcome, such as `PermissionDenied`.
fn failure<T>(outcome: io::Result<T>) -> Option<String> {
    outcome.err().map(|err| format!("{:?}", err.kind()))
}

export!(Sees: tools);
