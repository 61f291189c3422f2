//! Checking a call's arguments against the tool's schema, compiled when the tool is first called.

use std::sync::OnceLock;

use serde_json::Value;

use super::schema::{ArgumentCheck, SchemaError};
use super::{Catalogue, Offered};
use crate::contract::Tool;

/// One check for each tool, in the catalogue's order.
#[derive(Default)]
pub(super) struct Checks(Vec<OnceLock<Result<ArgumentCheck, SchemaError>>>);

impl Checks {
    pub(super) fn for_tools(n_tools: usize) -> Self {
        Self((0..n_tools).map(|_| OnceLock::new()).collect())
    }
}

impl Catalogue {
    /// Whether checking these arguments keeps no thread from its other tasks. It does not when the schema was never used
    /// and has to be compiled first.
    pub fn is_quick_to_check(&self, tool: &Offered<Tool>, arguments: &Value) -> bool {
        let compiled = self.check_of(tool).and_then(OnceLock::get);
        compiled.is_some_and(|check| check.as_ref().is_ok_and(|check| check.is_quick(arguments)))
    }

    /// Checks arguments against a tool of this catalogue. It computes, and may do so for seconds.
    ///
    /// # Errors
    /// A sentence that says what does not fit, for the model to mend.
    pub fn check_arguments(&self, tool: &Offered<Tool>, arguments: &Value) -> Result<(), String> {
        let Some(check) = self.check_of(tool) else {
            return Err(format!("tool `{}` is of another catalogue", tool.public));
        };
        let compile = || ArgumentCheck::compile(&Value::Object(tool.item.input_schema.clone()));
        match check.get_or_init(compile) {
            Ok(check) => check.check(arguments),
            Err(error) => Err(format!(
                "the schema of `{}` cannot be used: {error}",
                tool.public
            )),
        }
    }

    fn check_of(
        &self,
        tool: &Offered<Tool>,
    ) -> Option<&OnceLock<Result<ArgumentCheck, SchemaError>>> {
        self.checks.0.get(self.tool_index.find(&tool.public)?)
    }
}
