//! `notify`: what clients may have kept and is out of date.

use crate::contract;
use crate::limits::URI_BYTES_MAX;
use crate::runtime::bindings::portcullis::plugin::notify::{Host, ListKind};
use crate::runtime::guest::Guest;

impl Host for Guest {
    fn list_changed(&mut self, kind: ListKind) -> wasmtime::Result<()> {
        self.count_host_call()?;
        self.notices.lists.insert(match kind {
            ListKind::Tools => contract::ListKind::Tools,
            ListKind::Resources => contract::ListKind::Resources,
            ListKind::Prompts => contract::ListKind::Prompts,
        });
        Ok(())
    }

    fn resource_updated(&mut self, uri: String) -> wasmtime::Result<()> {
        self.count_host_call()?;
        let uri = match self.log.redactor() {
            Some(redactor) => redactor.redact(&uri).into_owned(),
            None => uri,
        };
        let is_new = uri.len() <= URI_BYTES_MAX && !self.notices.resources.contains(&uri);
        if is_new && self.take_notification() {
            self.notices.resources.insert(uri);
        }
        Ok(())
    }
}
