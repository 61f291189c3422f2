//! `key-value`: what the plugin keeps under keys.

use crate::permissions::{Attempt, StorageKind};
use crate::runtime::bindings::portcullis::plugin::key_value::{Error, Host, KeyPage, Quota, Swap};
use crate::runtime::guest::Guest;
use crate::storage::{self, KeyValue, KeyValueError};

impl Host for Guest {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        self.in_store(|store| async move { store.get(key).await })
            .await
    }

    async fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), Error>> {
        self.in_store(|store| async move { store.set(key, value).await })
            .await
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), Error>> {
        self.in_store(|store| async move { store.delete(key).await })
            .await
    }

    async fn exists(&mut self, key: String) -> wasmtime::Result<Result<bool, Error>> {
        self.in_store(|store| async move { store.exists(key).await })
            .await
    }

    async fn list_keys(
        &mut self,
        prefix: Option<String>,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<KeyPage, Error>> {
        let listed = self.in_store(|store| async move {
            let page = store.list_keys(prefix.unwrap_or_default(), cursor).await?;
            Ok(KeyPage {
                keys: page.keys,
                next_cursor: page.next_cursor,
            })
        });
        listed.await
    }

    async fn compare_and_set(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
    ) -> wasmtime::Result<Result<Swap, Error>> {
        let swapped = self.in_store(|store| async move {
            let swap = store.compare_and_set(key, expected, new).await?;
            Ok(match swap {
                storage::Swap::Done => Swap::Done,
                storage::Swap::Differs(current) => Swap::Differs(current),
            })
        });
        swapped.await
    }
}

impl Guest {
    /// Does something in the store, when the plugin may use it and there is one. The guest is told what it can act on, and the
    /// operator where it happened.
    async fn in_store<T, F>(
        &mut self,
        work: impl FnOnce(KeyValue) -> F + Send,
    ) -> wasmtime::Result<Result<T, Error>>
    where
        F: Future<Output = Result<T, KeyValueError>> + Send,
    {
        self.count_host_call()?;
        let attempt = Attempt::Storage(StorageKind::KeyValue);
        if !self.warden.permits(&attempt) {
            return Ok(Err(Error::NotGranted));
        }
        let Some(store) = self.key_value.clone() else {
            let missing = "this host has no place for a key-value store";
            self.log.note(missing);
            return Ok(Err(Error::Other(missing.to_owned())));
        };
        Ok(work(store).await.map_err(|error| {
            if error.concerns_the_operator() {
                self.log.note(&error.to_string());
            }
            Error::from(error)
        }))
    }
}

impl From<KeyValueError> for Error {
    fn from(error: KeyValueError) -> Self {
        match error {
            KeyValueError::KeyTooLong => Self::KeyTooLong,
            KeyValueError::ValueTooLong => Self::ValueTooLong,
            KeyValueError::QuotaExceeded(storage::Quota::Bytes) => {
                Self::QuotaExceeded(Quota::Bytes)
            }
            KeyValueError::QuotaExceeded(storage::Quota::Keys) => Self::QuotaExceeded(Quota::Keys),
            KeyValueError::Busy { .. }
            | KeyValueError::Damaged { .. }
            | KeyValueError::Unusable { .. } => Self::Other(error.without_path()),
        }
    }
}
