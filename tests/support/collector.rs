//! A collector of OpenTelemetry on loopback, which reads what it is sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, Uri};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, NumberDataPoint};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A collector; it ends when this is dropped.
pub struct Collector {
    address: SocketAddr,
    exports: Exports,
    task: JoinHandle<()>,
}

/// What was sent, in the order it came.
type Exports = Arc<Mutex<Vec<Export>>>;

/// One export.
#[derive(Clone)]
pub struct Export {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Collector {
    /// A collector at a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let exports = Exports::default();
        let app = axum::Router::new()
            .fallback(take)
            .with_state(exports.clone());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            exports,
            task,
        }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn exports(&self) -> Vec<Export> {
        self.exports.lock().unwrap().clone()
    }

    /// Whether a text stands anywhere in what was sent.
    pub fn was_told(&self, text: &str) -> bool {
        let needle = text.as_bytes();
        let exports = self.exports();
        exports
            .iter()
            .any(|export| export.body.windows(needle.len()).any(|it| it == needle))
    }

    fn at<T: Message + Default>(&self, path: &str) -> Vec<T> {
        let exports = self.exports().into_iter();
        let bodies = exports.filter(|export| export.path == path);
        bodies
            .map(|export| T::decode(export.body).expect("it is protobuf"))
            .collect()
    }

    pub fn spans(&self) -> Vec<Span> {
        let requests: Vec<ExportTraceServiceRequest> = self.at("/v1/traces");
        let resources = requests.into_iter().flat_map(|it| it.resource_spans);
        let scopes = resources.flat_map(|it| it.scope_spans);
        scopes.flat_map(|it| it.spans).collect()
    }

    /// The one span with this name.
    pub fn span(&self, name: &str) -> Span {
        let mut spans = self.spans();
        let names: Vec<_> = spans.iter().map(|span| span.name.clone()).collect();
        spans.retain(|span| span.name == name);
        match (spans.pop(), spans.len()) {
            (Some(span), 0) => span,
            _ => panic!("there is not one `{name}` in {names:?}"),
        }
    }

    /// Who sent it.
    pub fn resources(&self) -> Vec<Resource> {
        let requests: Vec<ExportTraceServiceRequest> = self.at("/v1/traces");
        let resources = requests.into_iter().flat_map(|it| it.resource_spans);
        resources.filter_map(|it| it.resource).collect()
    }

    fn metric(&self, name: &str) -> Option<Metric> {
        let requests: Vec<ExportMetricsServiceRequest> = self.at("/v1/metrics");
        let resources = requests.into_iter().flat_map(|it| it.resource_metrics);
        let metrics = resources.flat_map(|it| it.scope_metrics);
        let mut metrics = metrics.flat_map(|it| it.metrics);
        metrics.find(|metric| metric.name == name)
    }

    /// The series of a histogram in seconds.
    pub fn histogram(&self, name: &str) -> Vec<HistogramDataPoint> {
        let metric = self.metric(name).unwrap_or_else(|| panic!("no `{name}`"));
        assert_eq!(metric.unit, "s");
        match metric.data {
            Some(Data::Histogram(histogram)) => histogram.data_points,
            other => panic!("{other:?} is no histogram"),
        }
    }

    /// The series of a counter; none when nothing was counted.
    pub fn counter(&self, name: &str) -> Vec<NumberDataPoint> {
        match self.metric(name).map(|metric| metric.data) {
            None => Vec::new(),
            Some(Some(Data::Sum(sum))) => sum.data_points,
            Some(other) => panic!("{other:?} is no counter"),
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(exports): State<Exports>, uri: Uri, headers: HeaderMap, body: Bytes) {
    exports.lock().unwrap().push(Export {
        path: uri.path().to_owned(),
        headers,
        body,
    });
}

/// An attribute as text.
pub fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.clone()? {
        AnyValue {
            value: Some(Value::StringValue(text)),
        } => text,
        AnyValue {
            value: Some(Value::IntValue(number)),
        } => number.to_string(),
        other => panic!("{key} is {other:?}"),
    })
}

/// Bytes as `traceparent` writes them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
