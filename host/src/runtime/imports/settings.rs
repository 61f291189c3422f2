//! `wasi:config/store`: what the operator set for the plugin.

use crate::runtime::bindings::wasi::config::store::{Error, Host};
use crate::runtime::guest::Guest;

impl Host for Guest {
    fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        self.count_host_call()?;
        let mut settings = self.settings.iter();
        let found = settings.find(|(name, _)| *name == key);
        Ok(Ok(found.map(|(_, value)| value.clone())))
    }

    fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, Error>> {
        self.count_host_call()?;
        Ok(Ok(self.settings.to_vec()))
    }
}
