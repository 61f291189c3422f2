//! The environment variables a plugin gets: those that all three keys name, and no other.

use std::collections::{BTreeMap, BTreeSet};

use crate::permissions::Keys;

/// The permitted variables that have a value: the operator's, or else the host's `own`.
pub(super) fn variables(
    keys: &Keys,
    given: &BTreeMap<String, String>,
    own: impl Fn(&str) -> Option<String>,
) -> Vec<(String, String)> {
    // A manifest may name one twice.
    let names: BTreeSet<_> = keys.variables().collect();
    for name in given.keys().filter(|name| !names.contains(name.as_str())) {
        tracing::warn!(
            plugin = %keys.identity().name,
            variable = name,
            "a variable has a value, and the plugin is not permitted to see it (hint: `portcullis explain` says why)"
        );
    }
    let value = |name: &str| given.get(name).cloned().or_else(|| own(name));
    let with_value = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), value(name)?)));
    with_value.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{Digest, Identity};
    use crate::permissions::{Approved, Grant, Policy, Words};

    fn own(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn keys(policy: &[&str], grant: &[&str], request: &[&str]) -> Keys {
        let words = |names: &[&str]| Words {
            system: names
                .iter()
                .map(|name| format!("env:{name}").parse().unwrap())
                .collect(),
            ..Words::default()
        };
        Keys::new(
            Identity {
                name: "plugin".parse().unwrap(),
                digest: Digest::of(b""),
            },
            Policy {
                words: words(policy),
                ..Policy::default()
            },
            Grant {
                approved: Approved::Anything,
                words: words(grant),
                ..Grant::default()
            },
            words(request),
        )
    }

    #[test]
    fn a_variable_passes_when_three_keys_name_it() {
        let given = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        let passed = vec![("A".to_owned(), "1".to_owned())];
        let check = |policy: &[&str], grant: &[&str], request: &[&str], passes: bool| {
            let expected = if passes { passed.clone() } else { Vec::new() };
            assert_eq!(
                variables(&keys(policy, grant, request), &given, own),
                expected
            );
        };
        check(&["A"], &["A"], &["A"], true);
        check(&["A", "B"], &["A", "B"], &["A", "A", "B"], true);
        check(&[], &["A"], &["A"], false);
        check(&["A"], &[], &["A"], false);
        check(&["A"], &["A"], &[], false);
        check(&["B"], &["B"], &["B"], false);
    }

    #[test]
    fn the_hosts_own_value_is_taken_when_the_operator_gives_none() {
        let name = "CARGO_MANIFEST_DIR";
        let keys = keys(&[name], &[name], &[name]);
        let taken = variables(&keys, &BTreeMap::new(), own);
        assert_eq!(
            taken,
            [(name.to_owned(), env!("CARGO_MANIFEST_DIR").to_owned())]
        );
        let given = BTreeMap::from([(name.to_owned(), "given".to_owned())]);
        assert_eq!(
            variables(&keys, &given, own),
            [(name.to_owned(), "given".to_owned())]
        );
        // Where the host's own environment is not looked at, there is nothing to take.
        assert_eq!(variables(&keys, &BTreeMap::new(), |_| None), []);
    }
}
