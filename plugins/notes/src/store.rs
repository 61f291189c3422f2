//! Where notes are kept: values under keys, and one write that never overwrites what it has not seen.

use portcullis_plugin::key_value::{self, KeyValueError};

use crate::error::NotesError;

/// Values under keys, shared with whoever writes at the same time.
pub trait Store {
    /// The value under a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NotesError>;

    /// The keys that begin with this, in order.
    fn keys(&self, prefix: &str) -> Result<Vec<String>, NotesError>;

    /// Puts a value where the expected one is, in one step. Gives the value that is there when it is another one.
    fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<Swap, NotesError>;
}

/// How a write ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Swap {
    /// It was written.
    Done,
    /// Another value is there, and stayed.
    Differs(Option<Vec<u8>>),
}

/// The store the host keeps for this plugin.
pub struct HostStore;

impl Store for HostStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NotesError> {
        Ok(key_value::get(key)?)
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, NotesError> {
        Ok(key_value::keys(prefix)?)
    }

    fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<Swap, NotesError> {
        Ok(match key_value::compare_and_set(key, expected, new)? {
            Ok(()) => Swap::Done,
            Err(current) => Swap::Differs(current),
        })
    }
}

impl From<KeyValueError> for NotesError {
    fn from(error: KeyValueError) -> Self {
        match error {
            KeyValueError::NotGranted => Self::NotGranted,
            KeyValueError::QuotaExceeded(_) => Self::Full,
            other => Self::Failed {
                reason: other.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_s_store_is_written_only_where_it_is_as_expected() {
        let store = HostStore;
        assert_eq!(store.swap("k", None, Some(b"1")), Ok(Swap::Done));
        let there = Swap::Differs(Some(b"1".to_vec()));
        assert_eq!(store.swap("k", None, Some(b"2")), Ok(there));
        assert_eq!(store.get("k"), Ok(Some(b"1".to_vec())));
        assert_eq!(store.keys(""), Ok(vec!["k".to_owned()]));
        assert_eq!(store.swap("k", Some(b"1"), None), Ok(Swap::Done));
        assert_eq!(store.get("k"), Ok(None));
    }

    #[test]
    fn what_the_host_refuses_is_said_in_a_sentence_without_a_recipe() {
        let said = NotesError::from(KeyValueError::NotGranted).to_string();
        assert!(said.contains("portcullis explain notes"), "{said}");
        for recipe in [
            "[plugins",
            "grants",
            "portcullis.toml",
            "storage =",
            "key-value",
        ] {
            assert!(!said.contains(recipe), "{said}");
        }
    }
}
