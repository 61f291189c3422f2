//! Whether the host can do what it is for.
//!
//! Every plugin the host was to serve counts, a broken one too. A quarantined one is shown and does not count: it is in
//! service, and otherwise whoever makes its calls fail could take the whole host out of service.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::answer::document;
use crate::host::{Host, State, Status};

/// The answer to `/ready`.
pub(super) fn report(host: &Host, is_closing: bool, is_told_why: bool) -> Response {
    let statuses = host.statuses();
    let is_served = |status: &Status| matches!(status.state, State::Active | State::Quarantined(_));
    let is_ready = !is_closing && statuses.iter().all(is_served);
    let is_worth_telling = |status: &&Status| !matches!(status.state, State::Active);
    let plugins: Vec<_> = statuses
        .iter()
        .filter(is_worth_telling)
        .map(|status| about(status, is_told_why))
        .collect();
    let status = match is_ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut report = json!({"ready": is_ready, "plugins": plugins});
    if is_closing {
        report["closing"] = true.into();
    }
    document(status, &report)
}

fn about(status: &Status, is_told_why: bool) -> Value {
    let (state, reason) = match &status.state {
        State::Loading => ("loading", None),
        State::Active => ("active", None),
        State::Quarantined(reason) => ("quarantined", Some(reason)),
        State::Failed(reason) => ("failed", Some(reason)),
    };
    let mut about = json!({"name": status.name, "state": state});
    if let (Some(reason), true) = (reason, is_told_why) {
        about["reason"] = reason.as_str().into();
    }
    about
}
