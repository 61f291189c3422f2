//! The one who watches: where spans go, and the instruments that count.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::metrics::{Counter, Histogram, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::Settings;
use super::export;
use crate::network::Network;

/// Seconds that a request may take, as OpenTelemetry divides them for MCP.
const OPERATION_SECONDS: [f64; 14] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
];

/// How long the end of the host waits for the last export. Clients kill a server that stays much longer.
const FAREWELL_WAIT: Duration = Duration::from_secs(2);

/// What watches this host.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) tracer: SdkTracer,
    /// Seconds from a client's request to its answer.
    pub(super) operations: Histogram<f64>,
    /// Seconds from a request of the host to the client's answer.
    pub(super) asked: Histogram<f64>,
    /// Seconds that connections lasted.
    pub(super) sessions: Histogram<f64>,
    /// Calls of plugins.
    pub(super) calls: Counter<u64>,
    /// Those without an answer.
    pub(super) failures: Counter<u64>,
    /// Units of fuel that plugins used.
    pub(super) fuel: Counter<u64>,
    providers: Mutex<Option<Providers>>,
}

/// What exports, each with a thread of its own.
#[derive(Debug)]
struct Providers {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

impl Watch {
    pub(super) fn start(settings: Settings, network: Network) -> Result<Self, String> {
        let (traces, metrics) = export::providers(settings, network)?;
        let meter = metrics.meter("portcullis");
        let seconds = |name: &'static str, what: &'static str| {
            let histogram = meter.f64_histogram(name).with_unit("s");
            let histogram = histogram.with_boundaries(OPERATION_SECONDS.into());
            histogram.with_description(what).build()
        };
        let counter = |name: &'static str, unit: &'static str, what: &'static str| {
            let counter = meter.u64_counter(name).with_unit(unit);
            counter.with_description(what).build()
        };
        Ok(Self {
            tracer: traces.tracer("portcullis"),
            operations: seconds(
                "mcp.server.operation.duration",
                "From a client's request to its answer.",
            ),
            asked: seconds(
                "mcp.client.operation.duration",
                "From a request of the host to the client's answer.",
            ),
            sessions: seconds(
                "mcp.server.session.duration",
                "How long a client was connected.",
            ),
            calls: counter("portcullis.plugin.calls", "{call}", "Calls of plugins."),
            failures: counter(
                "portcullis.plugin.failures",
                "{call}",
                "Calls of plugins without an answer, by kind.",
            ),
            fuel: counter(
                "portcullis.plugin.fuel",
                "{unit}",
                "Units of fuel that plugins used.",
            ),
            providers: Mutex::new(Some(Providers { traces, metrics })),
        })
    }

    /// Sends what is left, and ends both threads. What takes too long is left to itself.
    pub(super) async fn close(&self) {
        if let Some(done) = self.end()
            && tokio::time::timeout(FAREWELL_WAIT, done).await.is_err()
        {
            tracing::warn!("the last telemetry could not be exported in time");
        }
    }

    /// Ends the exporters on threads of their own, since ending one blocks; tells when both have ended.
    fn end(&self) -> Option<impl Future<Output = ()> + use<>> {
        let mut providers = self
            .providers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Providers { traces, metrics } = providers.take()?;
        let (traced, traces_done) = tokio::sync::oneshot::channel();
        let (measured, metrics_done) = tokio::sync::oneshot::channel();
        // How it ended is told by whoever sends.
        std::thread::spawn(move || {
            drop(traces.shutdown_with_timeout(FAREWELL_WAIT));
            let _ = traced.send(());
        });
        std::thread::spawn(move || {
            drop(metrics.shutdown_with_timeout(FAREWELL_WAIT));
            let _ = measured.send(());
        });
        Some(async {
            let _ = traces_done.await;
            let _ = metrics_done.await;
        })
    }
}

/// Nobody closed it. The exporters would block the thread that drops them, and it may be the one they send with.
impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.end());
    }
}
