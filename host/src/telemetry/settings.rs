//! What the operator says of telemetry, ready to be used.

use http::HeaderMap;

/// Where to export, and how much.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The collector's address, to which `/v1/traces` and `/v1/metrics` are added.
    pub endpoint: String,
    /// What goes with each export, such as a key. Values that are marked as sensitive are never shown.
    pub headers: HeaderMap,
    /// What this host is called in the collector.
    pub service_name: String,
    /// The share of traces that are recorded, of those that begin here: from 0 to 1.
    pub sampling_ratio: f64,
}
