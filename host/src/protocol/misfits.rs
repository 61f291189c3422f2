//! Requests that the library could not read as any it knows: whether their method is unknown, or their parameters are bad.

use rmcp::model::{ErrorCode, ErrorData};

/// The methods this server has, whatever their parameters.
const METHODS: [&str; 21] = [
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/directory/read",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "skills/get",
    "skills/list",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/update",
    "tools/call",
    "tools/list",
];

/// What is wrong with such a request. The library would say that a known method does not exist.
pub(super) fn refuse(method: String) -> ErrorData {
    if METHODS.contains(&&*method) {
        let said = format!("the parameters are not those of `{method}`");
        return ErrorData::invalid_params(said, None);
    }
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_method_is_not_said_to_be_missing() {
        let code = |method: &str| refuse(method.to_owned()).code;
        assert_eq!(code("tools/call"), ErrorCode::INVALID_PARAMS);
        assert_eq!(code("tools/cal"), ErrorCode::METHOD_NOT_FOUND);
    }
}
