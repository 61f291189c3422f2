//! What every answer goes through on its way out, whatever was asked.

use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;

use futures::FutureExt as _;
use rmcp::model::{
    CallToolResponse, CompleteResult, DiscoverResult, ErrorData, GetPromptResponse, GetSkillResult,
    GetTaskResult, Implementation, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListSkillsResult, ListToolsResult,
    MetaObject, ReadResourceResponse,
};
use serde_json::Value;

use super::Era;

/// Who answers, as clients show it.
pub(super) fn server_info() -> Implementation {
    Implementation::new("portcullis", env!("CARGO_PKG_VERSION"))
        .with_title("Portcullis")
        .with_description("Sandboxed WebAssembly plugins as one MCP server")
}

/// Runs a handler. A panic in it becomes an internal error, because a request that gets no answer at all leaves the
/// client waiting for ever; and an answer to a modern client says who gave it.
pub(super) async fn guarded<T: Stamped>(
    era: Era,
    handler: impl Future<Output = Result<T, ErrorData>>,
) -> Result<T, ErrorData> {
    let Ok(answer) = AssertUnwindSafe(handler).catch_unwind().await else {
        tracing::error!("a request handler panicked; the request is answered with an error");
        return Err(ErrorData::internal_error("internal error", None));
    };
    let mut answer = answer?;
    if era == Era::Modern
        && let Some(meta) = answer.meta()
    {
        stamp(meta.get_or_insert_default());
    }
    Ok(answer)
}

/// Writes who answers into `_meta`, whatever a plugin wrote there.
fn stamp(meta: &mut MetaObject) {
    static SERVER_INFO: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(server_info()).unwrap_or_default());
    meta.insert(
        "io.modelcontextprotocol/serverInfo".to_owned(),
        SERVER_INFO.clone(),
    );
}

/// An answer, with the place for its `_meta` when it has one.
pub(super) trait Stamped {
    /// The place.
    fn meta(&mut self) -> Option<&mut Option<MetaObject>>;
}

impl Stamped for () {
    fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
        None
    }
}

impl Stamped for CallToolResponse {
    fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
        match self {
            Self::Complete(result) => Some(&mut result.meta),
            Self::InputRequired(result) => Some(&mut result.meta),
            Self::Task(result) => Some(&mut result.meta),
            _ => None,
        }
    }
}

macro_rules! stamped {
    ($($result:ident)*; $($response:ident)*) => {
        $(impl Stamped for $result {
            fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
                Some(&mut self.meta)
            }
        })*
        $(impl Stamped for $response {
            fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
                match self {
                    Self::Complete(result) => Some(&mut result.meta),
                    Self::InputRequired(result) => Some(&mut result.meta),
                    _ => None,
                }
            }
        })*
    };
}

stamped! {
    InitializeResult DiscoverResult ListToolsResult ListPromptsResult ListResourcesResult
    ListResourceTemplatesResult CompleteResult GetTaskResult ListSkillsResult GetSkillResult;
    GetPromptResponse ReadResourceResponse
}

#[cfg(test)]
mod tests {
    use rmcp::model::{CallToolResult, ErrorCode};

    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        let outcome = guarded::<()>(Era::Legacy, async { panic!("a bug") }).await;
        assert_eq!(
            outcome.map_err(|error| error.code),
            Err(ErrorCode::INTERNAL_ERROR)
        );
    }

    #[tokio::test]
    async fn only_a_modern_answer_says_who_gave_it() {
        let name = async |era| {
            let result = CallToolResult::success(Vec::new());
            let mut answer = guarded(era, async { Ok(CallToolResponse::from(result)) })
                .await
                .expect("the handler answers");
            let meta = answer.meta().and_then(|meta| meta.take());
            meta.map(|meta| meta["io.modelcontextprotocol/serverInfo"]["name"].clone())
        };
        assert_eq!(name(Era::Modern).await, Some("portcullis".into()));
        assert_eq!(name(Era::Legacy).await, None);
    }
}
