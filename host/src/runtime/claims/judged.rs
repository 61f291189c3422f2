//! The door under attack: claims forged from bytes go in, and what comes out is held against what was promised.

use arbitrary::{Result, Unstructured};

use super::Nonsense;
use super::forged::Forged;
use super::promised::{Promised, sentence};

/// What can be claimed: one kind for each way through the door.
const KINDS: usize = 10;

/// Forges one claim from `bytes` and takes it through the door. It panics when a promise is broken, and else tells the kind
/// of the claim, and whether it passed.
pub(in crate::runtime) fn judge(bytes: &[u8]) -> Option<(usize, bool)> {
    // Bytes that run out make no claim.
    try_judge(&mut Unstructured::new(bytes)).ok()
}

fn try_judge(bytes: &mut Unstructured<'_>) -> Result<(usize, bool)> {
    let kind = bytes.int_in_range(0..=KINDS - 1)?;
    let passed = match kind {
        0 => hold(super::tool(Forged::forged(bytes, "")?)),
        1 => hold(super::resource(Forged::forged(bytes, "")?)),
        2 => hold(super::template(Forged::forged(bytes, "")?)),
        3 => hold(super::prompt(Forged::forged(bytes, "")?)),
        4 => hold(super::tool_result(Forged::forged(bytes, "")?)),
        5 => hold(super::read_result(Forged::forged(bytes, "")?)),
        6 => hold(super::prompt_result(Forged::forged(bytes, "")?)),
        7 => hold(Ok(super::suggestions(Forged::forged(bytes, "")?))),
        8 => hold(super::plugin_error(Forged::forged(bytes, "")?)),
        _ => hold(super::icons(Forged::forged(bytes, "")?)),
    };
    Ok((kind, passed))
}

fn hold(passed: std::result::Result<impl Promised, Nonsense>) -> bool {
    match &passed {
        Ok(passed) => passed.hold(),
        Err(nonsense) => sentence(nonsense),
    }
    passed.is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_claims_in_the_corpus_keep_the_promises() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/claims");
        let mut n_files = 0;
        for file in fs::read_dir(corpus).unwrap() {
            judge(&fs::read(file.unwrap().path()).unwrap());
            n_files += 1;
        }
        assert!(n_files > 0, "the corpus was not found");
    }

    #[test]
    fn claims_from_any_bytes_keep_the_promises() {
        // Marsaglia's xorshift: the same bytes in every run.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut bytes = [0; 256];
        let mut n_passed = [0; KINDS];
        for _ in 0..10_000 {
            for byte in &mut bytes {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = (state >> 32) as u8;
            }
            if let Some((kind, true)) = judge(&bytes) {
                n_passed[kind] += 1;
            }
        }
        // Of every kind, some got through, so the promises were not about nothing.
        assert!(n_passed.iter().all(|n| *n > 0), "{n_passed:?}");
    }
}
