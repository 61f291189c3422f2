//! How long a call takes inside the process, one right after the other. Every call gets a fresh instance, made and
//! taken apart within the call; nothing goes over a wire.

#[path = "support/plugins.rs"]
mod plugins;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use portcullis::contract::Continuation;
use portcullis::host::{Call, Host, Retry};
use portcullis::limits::Limits;
use portcullis::names::Identity;
use portcullis::runtime::{Asks, Engine, Plugin, PluginLog, Powers};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use plugins::{engine, installed, runtime};

criterion_group!(benches, calls);
criterion_main!(benches);

fn calls(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = engine();
    through_the_plugin(criterion, &runtime, &engine);
    for (name, guest, tool, arguments) in [
        ("noop/host", "noop", "noop", json!({})),
        ("hello/host", "hello", "greet", json!({ "name": "Ada" })),
        ("echo 1 KB/host", "echo", "echo", text(1 << 10)),
        ("echo 100 KB/host", "echo", "echo", text(100 << 10)),
    ] {
        through_the_host(criterion, &runtime, &engine, name, guest, tool, arguments);
    }
}

/// The sandbox alone: an instance, the call, its answer checked, and the end of the instance.
fn through_the_plugin(criterion: &mut Criterion, runtime: &Runtime, engine: &Engine) {
    let (plugin, tool) = runtime.block_on(async {
        let installed = installed("noop", Limits::default());
        let Identity { name, digest } = installed.identity;
        let code = engine
            .load(digest, Asks::default(), || installed.component.read(digest))
            .await;
        let code = code.expect("the guest loads");
        let limits = installed.limits;
        let log = Arc::new(PluginLog::new(name.clone(), limits.log_bytes));
        let plugin = Plugin::new(
            name,
            engine.clone(),
            code,
            limits,
            Powers::none(installed.keys),
            log,
        );
        let lists = plugin.lists(&Call::default()).await;
        let lists = lists.expect("the guest lists its tools");
        (Arc::new(plugin), lists.tools[0].name.clone())
    });
    measure(criterion, runtime, "noop/plugin", move || {
        let (plugin, tool) = (plugin.clone(), tool.clone());
        async move {
            let said = plugin
                .call_tool(&tool, &json!({}), Continuation::default(), Call::default())
                .await;
            said.expect("the guest answers")
                .value
                .expect("the guest does not refuse");
        }
    });
}

/// The same after the name was resolved and the arguments were checked, as for every client.
fn through_the_host(
    criterion: &mut Criterion,
    runtime: &Runtime,
    engine: &Engine,
    name: &str,
    guest: &str,
    tool: &'static str,
    arguments: Value,
) {
    let Value::Object(arguments) = arguments else {
        panic!("arguments are an object")
    };
    let host = runtime.block_on(async {
        let host = Host::start(
            engine.clone(),
            vec![Ok(installed(guest, Limits::default()))],
        );
        host.catalogue().await;
        host
    });
    measure(criterion, runtime, name, move || {
        let (host, arguments) = (host.clone(), arguments.clone());
        async move {
            let answer = host
                .call_tool(tool, arguments, Retry::default(), Call::default())
                .await;
            answer.expect("the guest answers");
        }
    });
}

/// Times one call after the other, on a worker of the runtime as in the server.
fn measure<F>(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    call: impl Fn() -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send,
{
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|n_calls| {
            let call = call.clone();
            let work = async move {
                let mut took = Duration::ZERO;
                for _ in 0..n_calls {
                    // Making the arguments is the client's work, so they are ready before the clock starts.
                    let call = call();
                    let started = Instant::now();
                    call.await;
                    took += started.elapsed();
                }
                took
            };
            runtime
                .block_on(runtime.spawn(work))
                .expect("no call panics")
        });
    });
}

fn text(n_bytes: usize) -> Value {
    json!({ "text": "x".repeat(n_bytes) })
}
