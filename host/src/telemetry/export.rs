//! The way to the collector: what is exported waits in bounded queues, and is dropped when nobody takes it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Request, Response, header};
use opentelemetry::KeyValue;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{
    MetricExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanLimits,
};
use tokio::runtime::Handle;

use super::Settings;
use crate::network::Network;

/// Spans that wait to be exported; more are dropped. A span has some 2 KB.
const QUEUED_SPANS_MAX: usize = 2_048;

/// Spans in one export.
const BATCH_SPANS_MAX: usize = 512;

/// How long a span waits for others to be exported with.
const SPAN_DELAY: Duration = Duration::from_secs(5);

/// How often numbers are exported.
const METRICS_INTERVAL: Duration = Duration::from_secs(60);

/// How long one export may take. A collector is near, or gone.
const EXPORT_WAIT: Duration = Duration::from_secs(5);

/// Attributes of one span: more than any has here.
const ATTRIBUTES_MAX: u32 = 32;

/// What exports traces, and what exports metrics.
///
/// Where to, how much and what with is all said here, so that a variable of the environment that is meant for another
/// program does not change it.
pub(super) fn providers(
    settings: Settings,
    network: Network,
) -> Result<(SdkTracerProvider, SdkMeterProvider), String> {
    let Settings {
        endpoint,
        headers,
        service_name,
        sampling_ratio,
    } = settings;
    let endpoint = endpoint.trim_end_matches('/');
    let runtime = Handle::try_current().map_err(|error| error.to_string())?;
    let client: Arc<dyn HttpClient> = Arc::new(Sender {
        network,
        headers,
        runtime,
        is_failing: Arc::default(),
    });
    let spans = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .with_timeout(EXPORT_WAIT)
        .with_retry_policy(RetryPolicy::disabled())
        .with_shared_http_client(client.clone())
        .build()
        .map_err(|error| error.to_string())?;
    let numbers = MetricExporter::builder()
        .with_temporality(Temporality::Cumulative)
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{endpoint}/v1/metrics"))
        .with_timeout(EXPORT_WAIT)
        .with_retry_policy(RetryPolicy::disabled())
        .with_shared_http_client(client)
        .build()
        .map_err(|error| error.to_string())?;

    let resource = Resource::builder_empty()
        .with_service_name(service_name)
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUED_SPANS_MAX)
        .with_max_export_batch_size(BATCH_SPANS_MAX)
        .with_scheduled_delay(SPAN_DELAY)
        .build();
    let batches = BatchSpanProcessor::builder(spans).with_batch_config(batches);
    let limits = SpanLimits {
        max_attributes_per_span: ATTRIBUTES_MAX,
        max_links_per_span: 1,
        ..SpanLimits::default()
    };
    let ratio = Sampler::TraceIdRatioBased(sampling_ratio);
    let traces = SdkTracerProvider::builder()
        .with_span_processor(batches.build())
        .with_sampler(Sampler::ParentBased(Box::new(ratio)))
        .with_span_limits(limits)
        .with_resource(resource.clone())
        .build();
    let reader = PeriodicReader::builder(numbers).with_interval(METRICS_INTERVAL);
    let metrics = SdkMeterProvider::builder()
        .with_reader(reader.build())
        .with_resource(resource)
        .build();
    Ok((traces, metrics))
}

/// Sends exports with the host's own client. The exporters' threads have no runtime, so the work is done in the host's.
struct Sender {
    network: Network,
    headers: HeaderMap,
    runtime: Handle,
    /// Whether the last export did not arrive, so that an outage is told once.
    is_failing: Arc<AtomicBool>,
}

/// Without its headers, which may be secret.
impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        // Of the exporter's own headers only this one: it takes others from the environment.
        let mut headers = self.headers.clone();
        if let Some(content_type) = parts.headers.get(header::CONTENT_TYPE) {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        let network = self.network.clone();
        let url = parts.uri.to_string();
        let sent = self
            .runtime
            .spawn(async move { network.post_ambient(&url, headers, body, EXPORT_WAIT).await });
        let answer = match sent.await {
            Ok(answer) => answer.map_err(|refusal| refusal.to_string()),
            Err(_) => Err("the host is going down".to_owned()),
        };
        let problem = match &answer {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("the answer was {}", response.status())),
            Err(reason) => Some(reason.clone()),
        };
        let is_failing = problem.is_some();
        if !self.is_failing.swap(is_failing, Ordering::Relaxed)
            && let Some(reason) = problem
        {
            tracing::warn!(
                reason,
                "telemetry cannot be exported, and is dropped until it can (hint: `otlp_endpoint` under `[telemetry]` \
                 names a collector that takes OTLP over HTTP)"
            );
        }
        answer.map_err(HttpError::from)
    }
}
