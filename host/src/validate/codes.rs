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

use super::{
    Code, budget, descriptions, fitting, hidden, leftovers, locked, manifests, names, provenance,
    schemas, secrets,
};
use super::{smoke, stability, starting, unread, unused, uris};

/// The kinds of every file of this room, by their ids.
const FAMILIES: &[&[Code]] = &[
    unread::CODES,
    manifests::CODES,
    fitting::CODES,
    unused::CODES,
    names::CODES,
    uris::CODES,
    descriptions::CODES,
    hidden::CODES,
    schemas::CODES,
    starting::CODES,
    stability::CODES,
    budget::CODES,
    smoke::CODES,
    leftovers::CODES,
    secrets::CODES,
    provenance::CODES,
    locked::CODES,
];

/// Every kind of problem, by id.
pub fn all() -> impl Iterator<Item = &'static Code> {
    FAMILIES.iter().copied().flatten()
}

/// The kind of problem with this id, in any case.
pub fn code(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_well_formed_in_order_and_given_once() {
        let ids: Vec<_> = all().map(|code| code.id).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        for id in &ids {
            let digits = id.strip_prefix("PC").unwrap_or_default();
            assert!(
                digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()),
                "{id}"
            );
        }
        for given in [ids, all().map(|code| code.name).collect()] {
            let once: BTreeSet<_> = given.iter().collect();
            assert_eq!(once.len(), given.len(), "{given:?}");
        }
    }

    #[test]
    fn every_kind_is_named_and_explained() {
        for code in all() {
            let Code { id, name, .. } = code;
            let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(name.bytes().all(is_name), "{id} {name}");
            assert!(
                !code.title.is_empty() && !code.title.ends_with('.') && !code.title.contains('\n'),
                "{id}: {}",
                code.title
            );
            let ends =
                code.explanation.matches(". ").count() + code.explanation.matches(".\n").count();
            assert!(
                ends >= 1 && code.explanation.ends_with('.'),
                "{id} needs two sentences: {}",
                code.explanation
            );
        }
    }

    #[test]
    fn an_id_is_found_in_any_case_and_a_strange_one_is_not() {
        let check = |id: &str, found: bool| assert_eq!(code(id).is_some(), found, "{id}");
        check("PC0101", true);
        check("pc0101", true);
        check("PC010", false);
        check("PC9999", false);
        check("", false);
    }
}
