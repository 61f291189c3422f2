//! Requests that the library could not read as any it knows: whether their method is unknown, or their parameters are bad.

use rmcp::model::{ErrorCode, ErrorData};

use super::Era;

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

/// Those of them that the modern era did away with.
const LEGACY_METHODS: [&str; 5] = [
    "initialize",
    "logging/setLevel",
    "ping",
    "resources/subscribe",
    "resources/unsubscribe",
];

/// What is wrong with such a request. The library would say that a known method does not exist.
pub(super) fn refuse(method: String, era: Era) -> ErrorData {
    let is_gone = matches!(era, Era::Modern) && LEGACY_METHODS.contains(&&*method);
    if !is_gone && METHODS.contains(&&*method) {
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
        let code = |method: &str| refuse(method.to_owned(), Era::Modern).code;
        assert_eq!(code("tools/call"), ErrorCode::INVALID_PARAMS);
        assert_eq!(code("tools/cal"), ErrorCode::METHOD_NOT_FOUND);
    }

    #[test]
    fn a_method_of_the_legacy_era_is_missing_in_the_modern_one() {
        for method in LEGACY_METHODS {
            let code = |era| refuse(method.to_owned(), era).code;
            assert_eq!(code(Era::Legacy), ErrorCode::INVALID_PARAMS, "{method}");
            assert_eq!(code(Era::Modern), ErrorCode::METHOD_NOT_FOUND, "{method}");
        }
    }
}
