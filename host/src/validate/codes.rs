//! All kinds of problems. The families:
//!
//! | ids | what about |
//! |---|---|
//! | PC01xx | the file, and whether it is a component |
//! | PC02xx | the manifest and the skills |
//! | PC03xx | the contract, imports and permissions |
//! | PC04xx | names and URIs |
//! | PC05xx | descriptions, and what hides in them |
//! | PC06xx | schemas |
//! | PC07xx | behaviour: start, lists, limits, smoke calls |
//! | PC08xx | what was left inside: debug information, paths, secrets; licence and dependencies |
//! | PC09xx | portcullis.lock |

use super::Code;

/// Every kind of problem, by id.
pub fn all() -> impl Iterator<Item = &'static Code> {
    const FAMILIES: [&[Code]; 0] = [];
    FAMILIES.into_iter().flatten()
}

/// The kind of problem with this id, in any case.
pub fn code(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}
