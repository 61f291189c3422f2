//! What a fuzzer may call of this room. It is there in a fuzzer's build only.

/// Forges a claim of a guest from `bytes`, takes it through the door, and panics when what comes out is not as promised.
pub fn claims(bytes: &[u8]) {
    let _ = super::claims::judge(bytes);
}
