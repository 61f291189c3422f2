//! What a guest is told when its place refuses something.

use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

use crate::storage::Refusal;

pub(super) fn code_of(refusal: &Refusal) -> ErrorCode {
    match refusal {
        Refusal::Quota => ErrorCode::Quota,
        Refusal::ReadOnly => ErrorCode::ReadOnly,
        Refusal::NotPermitted => ErrorCode::NotPermitted,
        Refusal::Io(error) => ErrorCode::from(error),
    }
}
