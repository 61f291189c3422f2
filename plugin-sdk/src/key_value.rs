//! Keeps small values under keys, for the next call and for the next run of the host.
//!
//! A plugin has one store of its own, when it asks for `key-value` storage and is given it. Keys are text of at most 1 KiB,
//! values are bytes of at most 1 MiB, and what was written stays, even when the host is killed in the next moment.
//!
//! Calls of a plugin run at the same time and share the store. What is read by one function and written by the next may
//! have been changed by another call in between; [`update`] and [`compare_and_set`] never write over such a change.
//!
//! On a native target, where unit tests run, each thread has a store of its own in memory, empty at first and without
//! quotas.
//!
//! ```
//! use portcullis_plugin::key_value;
//!
//! key_value::set("colour", "blue")?;
//! assert_eq!(key_value::get("colour")?.as_deref(), Some(&b"blue"[..]));
//!
//! key_value::set_json("sizes", &vec![38, 40])?;
//! let sizes: Option<Vec<u32>> = key_value::get_json("sizes")?;
//! assert_eq!(sizes, Some(vec![38, 40]));
//!
//! assert_eq!(key_value::keys("")?, ["colour", "sizes"]);
//! # Ok::<(), key_value::KeyValueError>(())
//! ```

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::bindings::host::portcullis::plugin::key_value::Quota;
use crate::bindings::host::portcullis::plugin::key_value::{Error, Swap};
use crate::imports::key_value as host;

/// Why the store did not do what it was asked. It changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyValueError {
    /// The plugin was not given `key-value` storage.
    NotGranted,
    /// The store would grow beyond this limit. What makes it smaller always succeeds.
    QuotaExceeded(Quota),
    /// The key is longer than 1 KiB.
    KeyTooLong,
    /// The value is longer than 1 MiB.
    ValueTooLong,
    /// The value is not the JSON it should be, or cannot be written as JSON. The text says why.
    NotJson(String),
    /// Anything else, such as a store that is busy or damaged. The text is for people.
    Other(String),
}

/// Reads the value under `key`; `None` when there is none.
///
/// # Errors
/// When the key is too long, or the store cannot be used.
pub fn get(key: impl AsRef<str>) -> Result<Option<Vec<u8>>, KeyValueError> {
    Ok(host::get(key.as_ref())?)
}

/// Reads the value under `key`, which [`set_json`] wrote.
///
/// # Errors
/// As [`get`], and with [`KeyValueError::NotJson`] when the value is not what is asked for.
pub fn get_json<T: DeserializeOwned>(key: impl AsRef<str>) -> Result<Option<T>, KeyValueError> {
    let value = get(key)?;
    let parsed = value.map(|value| serde_json::from_slice(&value).map_err(not_json));
    parsed.transpose()
}

/// Puts `value` under `key`, in place of what was there.
///
/// # Errors
/// When key or value is too long, a limit would be passed, or the store cannot be used.
pub fn set(key: impl AsRef<str>, value: impl AsRef<[u8]>) -> Result<(), KeyValueError> {
    Ok(host::set(key.as_ref(), value.as_ref())?)
}

/// Puts `value` under `key` as JSON, in place of what was there.
///
/// # Errors
/// As [`set`], and with [`KeyValueError::NotJson`] when the value cannot be written as JSON.
pub fn set_json<T: Serialize + ?Sized>(
    key: impl AsRef<str>,
    value: &T,
) -> Result<(), KeyValueError> {
    set(key, serde_json::to_vec(value).map_err(not_json)?)
}

/// Removes `key` and its value. Nothing happens when there is none.
///
/// # Errors
/// When the key is too long, or the store cannot be used.
pub fn delete(key: impl AsRef<str>) -> Result<(), KeyValueError> {
    Ok(host::delete(key.as_ref())?)
}

/// Whether there is a value under `key`.
///
/// # Errors
/// When the key is too long, or the store cannot be used.
pub fn exists(key: impl AsRef<str>) -> Result<bool, KeyValueError> {
    Ok(host::exists(key.as_ref())?)
}

/// All keys that begin with `prefix`, in the order of their bytes; `""` is the beginning of every key.
///
/// # Errors
/// When the prefix is longer than a key can be, or the store cannot be used.
pub fn keys(prefix: impl AsRef<str>) -> Result<Vec<String>, KeyValueError> {
    let prefix = prefix.as_ref();
    let mut page = host::list_keys(Some(prefix), None)?;
    let mut keys = page.keys;
    while let Some(cursor) = page.next_cursor {
        page = host::list_keys(Some(prefix), Some(&cursor))?;
        keys.append(&mut page.keys);
    }
    Ok(keys)
}

/// Puts `new` under `key` when the value there is `expected`, in one step; `None` is no value, and removes the key.
///
/// Gives `Ok(Err(current))` when the value was another one, and then changed nothing.
///
/// ```
/// use portcullis_plugin::key_value::{compare_and_set, get};
///
/// assert_eq!(compare_and_set("lock", None, Some(b"mine"))?, Ok(()));
/// assert_eq!(compare_and_set("lock", None, Some(b"yours"))?, Err(Some(b"mine".to_vec())));
/// assert_eq!(compare_and_set("lock", Some(b"mine"), None)?, Ok(()));
/// assert_eq!(get("lock")?, None);
/// # Ok::<(), portcullis_plugin::key_value::KeyValueError>(())
/// ```
///
/// # Errors
/// When key or new value is too long, a limit would be passed, or the store cannot be used.
pub fn compare_and_set(
    key: impl AsRef<str>,
    expected: Option<&[u8]>,
    new: Option<&[u8]>,
) -> Result<Result<(), Option<Vec<u8>>>, KeyValueError> {
    Ok(match host::compare_and_set(key.as_ref(), expected, new)? {
        Swap::Done => Ok(()),
        Swap::Differs(current) => Err(current),
    })
}

/// Replaces the value under `key` by what `change` makes of it, in one step; gives what was written.
///
/// `change` is called again when another call wrote in between, so it should do nothing but compute.
///
/// ```
/// use portcullis_plugin::key_value::update;
///
/// let count = |old: Option<&[u8]>| {
///     let old = old.and_then(|old| old.try_into().ok()).map_or(0, u64::from_le_bytes);
///     Some((old + 1).to_le_bytes().to_vec())
/// };
/// update("visits", count)?;
/// assert_eq!(update("visits", count)?, Some(2_u64.to_le_bytes().to_vec()));
/// # Ok::<(), portcullis_plugin::key_value::KeyValueError>(())
/// ```
///
/// # Errors
/// When key or new value is too long, a limit would be passed, or the store cannot be used.
pub fn update(
    key: impl AsRef<str>,
    mut change: impl FnMut(Option<&[u8]>) -> Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, KeyValueError> {
    let key = key.as_ref();
    let mut current = get(key)?;
    loop {
        let new = change(current.as_deref());
        match compare_and_set(key, current.as_deref(), new.as_deref())? {
            Ok(()) => return Ok(new),
            Err(other) => current = other,
        }
    }
}

fn not_json(error: serde_json::Error) -> KeyValueError {
    KeyValueError::NotJson(error.to_string())
}

impl From<Error> for KeyValueError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotGranted => Self::NotGranted,
            Error::QuotaExceeded(quota) => Self::QuotaExceeded(quota),
            Error::KeyTooLong => Self::KeyTooLong,
            Error::ValueTooLong => Self::ValueTooLong,
            Error::Other(text) => Self::Other(text),
        }
    }
}

impl fmt::Display for KeyValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGranted => f.write_str("not granted: key-value storage"),
            Self::QuotaExceeded(Quota::Bytes) => {
                f.write_str("the store has no room for more bytes")
            }
            Self::QuotaExceeded(Quota::Keys) => f.write_str("the store has no room for more keys"),
            Self::KeyTooLong => f.write_str("the key is longer than 1 KiB"),
            Self::ValueTooLong => f.write_str("the value is longer than 1 MiB"),
            Self::NotJson(text) => write!(f, "the value does not go with JSON: {text}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for KeyValueError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_listed_by_prefix_and_in_order() {
        for key in ["b", "a/2", "a/10", "a", "a0"] {
            set(key, "").unwrap();
        }
        delete("b").unwrap();
        assert_eq!(keys("a/").unwrap(), ["a/10", "a/2"]);
        assert_eq!(keys("").unwrap(), ["a", "a/10", "a/2", "a0"]);
        assert_eq!((exists("a"), exists("b")), (Ok(true), Ok(false)));
    }

    #[test]
    fn an_update_is_computed_anew_when_the_value_changed_meanwhile() {
        set("n", "1").unwrap();
        let mut seen = Vec::new();
        let written = update("n", |old| {
            let old = old.expect("there is a value").to_vec();
            if seen.is_empty() {
                set("n", "2").unwrap();
            }
            seen.push(old.clone());
            Some([old, b"+".to_vec()].concat())
        });
        assert_eq!(written.unwrap(), Some(b"2+".to_vec()));
        assert_eq!(seen, [b"1", b"2"]);
    }

    #[test]
    fn what_is_no_json_is_an_error_and_not_nothing() {
        set("n", "{").unwrap();
        assert!(matches!(
            get_json::<u8>("n"),
            Err(KeyValueError::NotJson(_))
        ));
        assert_eq!(get_json::<u8>("other"), Ok(None));
    }

    #[test]
    fn what_is_too_long_is_refused_on_a_native_target_too() {
        assert_eq!(set("k".repeat(1025), ""), Err(KeyValueError::KeyTooLong));
        assert_eq!(
            set("k", vec![0; (1 << 20) + 1]),
            Err(KeyValueError::ValueTooLong)
        );
        assert_eq!(set("k".repeat(1024), ""), Ok(()));
    }
}
