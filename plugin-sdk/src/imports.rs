//! The host's functions. There is no host on a native target, where unit tests run: there each of them does nothing.

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::host::portcullis::plugin::{cancellation, log, notify, progress};

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use absent::{cancellation, log, notify, progress};

#[cfg(not(target_arch = "wasm32"))]
mod absent {
    pub(crate) mod cancellation {
        pub(crate) fn is_cancelled() -> bool {
            false
        }
    }

    pub(crate) mod log {
        use crate::log::Level;

        pub(crate) fn enabled(_: Level) -> bool {
            false
        }

        pub(crate) fn write(_: Level, _: Option<&str>, _: &str, _: Option<&str>) {}
    }

    pub(crate) mod notify {
        use crate::bindings::host::portcullis::plugin::notify::ListKind;

        pub(crate) fn list_changed(_: ListKind) {}

        pub(crate) fn resource_updated(_: &str) {}
    }

    pub(crate) mod progress {
        pub(crate) fn report(_: f64, _: Option<f64>, _: Option<&str>) {}
    }
}
