//! The host's functions. There is no host on a native target, where unit tests run: there each of them does nothing, but
//! for the store of keys and values, which is in memory.

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::host::portcullis::plugin::{
    cancellation, key_value, log, notify, progress,
};

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::host::wasi::config::store as settings;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use absent::{cancellation, key_value, log, notify, progress, settings};

#[cfg(not(target_arch = "wasm32"))]
mod absent {
    pub(crate) mod cancellation {
        pub(crate) fn is_cancelled() -> bool {
            false
        }
    }

    pub(crate) mod key_value {
        use std::cell::RefCell;
        use std::collections::BTreeMap;

        use crate::bindings::host::portcullis::plugin::key_value::{Error, KeyPage, Swap};

        thread_local! {
            /// One for each thread, because each test has a thread of its own.
            static STORE: RefCell<BTreeMap<String, Vec<u8>>> = RefCell::default();
        }

        pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
            check(key, &[])?;
            Ok(STORE.with_borrow(|store| store.get(key).cloned()))
        }

        pub(crate) fn set(key: &str, value: &[u8]) -> Result<(), Error> {
            check(key, value)?;
            STORE.with_borrow_mut(|store| store.insert(key.to_owned(), value.to_vec()));
            Ok(())
        }

        pub(crate) fn delete(key: &str) -> Result<(), Error> {
            check(key, &[])?;
            STORE.with_borrow_mut(|store| store.remove(key));
            Ok(())
        }

        pub(crate) fn exists(key: &str) -> Result<bool, Error> {
            Ok(get(key)?.is_some())
        }

        pub(crate) fn list_keys(prefix: Option<&str>, _: Option<&str>) -> Result<KeyPage, Error> {
            let prefix = prefix.unwrap_or_default();
            check(prefix, &[])?;
            let keys = STORE.with_borrow(|store| {
                let keys = store.keys().filter(|key| key.starts_with(prefix));
                keys.cloned().collect()
            });
            Ok(KeyPage {
                keys,
                next_cursor: None,
            })
        }

        pub(crate) fn compare_and_set(
            key: &str,
            expected: Option<&[u8]>,
            new: Option<&[u8]>,
        ) -> Result<Swap, Error> {
            check(key, new.unwrap_or_default())?;
            let current = get(key)?;
            if current.as_deref() != expected {
                return Ok(Swap::Differs(current));
            }
            match new {
                Some(new) => set(key, new)?,
                None => delete(key)?,
            }
            Ok(Swap::Done)
        }

        fn check(key: &str, value: &[u8]) -> Result<(), Error> {
            match (key.len(), value.len()) {
                (1025.., _) => Err(Error::KeyTooLong),
                (_, 0x10_0001..) => Err(Error::ValueTooLong),
                _ => Ok(()),
            }
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

    pub(crate) mod settings {
        use crate::bindings::host::wasi::config::store::Error;

        pub(crate) fn get(_: &str) -> Result<Option<String>, Error> {
            Ok(None)
        }

        pub(crate) fn get_all() -> Result<Vec<(String, String)>, Error> {
            Ok(Vec::new())
        }
    }
}
