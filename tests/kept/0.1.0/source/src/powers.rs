//! Everything a plugin may import.

use std::fs;

use serde_json::{Value, json};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{Fields, IncomingBody, OutgoingRequest, Scheme};

use crate::portcullis::plugin::key_value::{self, Swap};
use crate::portcullis::plugin::notify::ListKind;
use crate::portcullis::plugin::{log, notify, progress};
use crate::wasi::config::store;

pub fn variable() -> String {
    std::env::var("GREETING").unwrap_or_else(|_| "none".into())
}

pub fn settings() -> Value {
    let mut all = store::get_all().unwrap_or_default();
    all.sort();
    json!({ "unit": store::get("unit").ok().flatten(), "absent": store::get("absent").ok().flatten(), "all": all })
}

pub fn report() {
    progress::report(1.0, Some(2.0), Some("half way"));
    progress::report(2.0, Some(2.0), None);
    if log::enabled(log::Level::Warning) {
        log::write(
            log::Level::Warning,
            Some("powers"),
            "odd",
            Some(r#"{"n":1}"#),
        );
    }
    println!("printed");
    notify::list_changed(ListKind::Tools);
    notify::resource_updated("kept://all");
}

/// What each function says, one after another.
pub fn key_value() -> Value {
    let shown =
        |value: Option<Vec<u8>>| value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let swap = |swap| match swap {
        Ok(Swap::Done) => json!("done"),
        Ok(Swap::Differs(value)) => json!(["differs", shown(value)]),
        Err(_) => json!("refused"),
    };
    let activated = key_value::get("activated").ok().flatten();
    let set = key_value::set("colour", b"blue").is_ok();
    let get = key_value::get("colour").ok().flatten();
    let keys = key_value::list_keys(Some("col"), None).map(|page| page.keys);
    let swapped = swap(key_value::compare_and_set(
        "colour",
        Some(b"blue"),
        Some(b"red"),
    ));
    let differs = swap(key_value::compare_and_set("colour", Some(b"blue"), None));
    let exists = key_value::exists("colour").ok();
    let too_long = key_value::get(&"k".repeat(2_000));
    let deleted = key_value::delete("colour").is_ok();
    json!({
        "activated": shown(activated),
        "set": set,
        "get": shown(get),
        "keys": keys.unwrap_or_default(),
        "swapped": swapped,
        "differs": differs,
        "exists": exists,
        "too-long": matches!(too_long, Err(key_value::Error::KeyTooLong)),
        "deleted": deleted,
        "gone": key_value::exists("colour").ok() == Some(false),
    })
}

pub fn files() -> String {
    let kept = "/user-data/note";
    let written = fs::write(kept, "a note").map_err(|error| error.kind().to_string());
    let read = fs::read_to_string(kept).map_err(|error| error.kind().to_string());
    let shared = fs::read_to_string("/directories/shared/hello");
    let outside = fs::read_to_string("/directories/shared/../../etc/passwd").is_ok();
    format!("{written:?} {read:?} {:?} {outside}", shared.ok())
}

/// The status and the body of `http://<authority>/`.
pub fn fetch(authority: &str) -> String {
    let sent = || {
        let request = OutgoingRequest::new(Fields::new());
        request.set_scheme(Some(&Scheme::Http)).ok()?;
        request.set_authority(Some(authority)).ok()?;
        request.set_path_with_query(Some("/")).ok()?;
        Some(outgoing_handler::handle(request, None))
    };
    let response = match sent() {
        None => return "no request".into(),
        Some(Err(code)) => return format!("{code:?}"),
        Some(Ok(response)) => response,
    };
    response.subscribe().block();
    let response = match response.get() {
        Some(Ok(Ok(response))) => response,
        Some(Ok(Err(code))) => return format!("{code:?}"),
        _ => return "no response".into(),
    };
    let status = response.status();
    let Ok(body) = response.consume() else {
        return "no body".into();
    };
    let mut bytes = Vec::new();
    if let Ok(stream) = body.stream() {
        while let Ok(piece) = stream.blocking_read(1 << 16) {
            bytes.extend(piece);
        }
    }
    drop(IncomingBody::finish(body));
    format!("{status} {}", String::from_utf8_lossy(&bytes))
}
