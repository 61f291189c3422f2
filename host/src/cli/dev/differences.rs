//! What a new build offers that the old one did not, and the other way round.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use crate::contract::Lists;

/// What is different between two builds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Its tools.
    pub tools: Difference,
    /// Its resources and their templates.
    pub resources: Difference,
    /// Its prompts.
    pub prompts: Difference,
}

/// What is different in one list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How many there are now.
    pub count: usize,
    /// What is new.
    pub added: Vec<String>,
    /// What is gone.
    pub removed: Vec<String>,
    /// What is described in another way, such as with another schema.
    pub changed: Vec<String>,
}

impl Differences {
    /// From one build to the next.
    pub fn between(before: &Lists, after: &Lists) -> Self {
        let resources = difference(&before.resources, &after.resources, |it| &it.uri);
        let templates = difference(&before.templates, &after.templates, |it| &it.uri_template);
        Self {
            tools: difference(&before.tools, &after.tools, |it| &it.name),
            resources: resources.and(templates),
            prompts: difference(&before.prompts, &after.prompts, |it| &it.name),
        }
    }
}

impl Difference {
    /// Whether nothing is different.
    pub fn is_none(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    fn and(mut self, other: Self) -> Self {
        self.count += other.count;
        self.added.extend(other.added);
        self.removed.extend(other.removed);
        self.changed.extend(other.changed);
        self
    }
}

fn difference<'a, T: PartialEq, N: Display + 'a>(
    before: &'a [T],
    after: &'a [T],
    name: impl Fn(&'a T) -> &'a N,
) -> Difference {
    let by_name = |list: &'a [T]| -> BTreeMap<String, &'a T> {
        list.iter().map(|it| (name(it).to_string(), it)).collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    let names = |list: &BTreeMap<String, &T>, counts: &dyn Fn(&String, &T) -> bool| {
        let counting = list.iter().filter(|(name, it)| counts(name, it));
        counting.map(|(name, _)| name.clone()).collect()
    };
    Difference {
        count: after.len(),
        added: names(&new, &|name, _| !old.contains_key(name)),
        removed: names(&old, &|name, _| !new.contains_key(name)),
        changed: names(&new, &|name, it| {
            old.get(name).is_some_and(|old| *old != it)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_gone_and_changed_is_told_apart() {
        let list = |items: &[(&'static str, u8)]| items.to_vec();
        let check = |before: &[(&'static str, u8)],
                     after: &[(&'static str, u8)],
                     expected: [&[&str]; 3]| {
            let (before, after) = (list(before), list(after));
            let found = difference(&before, &after, |it| &it.0);
            assert_eq!(found.count, after.len());
            let [added, removed, changed] = expected.map(|names| names.to_vec());
            assert_eq!(found.added, added);
            assert_eq!(found.removed, removed);
            assert_eq!(found.changed, changed);
            assert_eq!(found.is_none(), before == after);
        };
        check(&[], &[], [&[], &[], &[]]);
        check(&[], &[("a", 1)], [&["a"], &[], &[]]);
        check(&[("a", 1)], &[], [&[], &["a"], &[]]);
        check(&[("a", 1)], &[("a", 1)], [&[], &[], &[]]);
        check(
            &[("a", 1), ("b", 1), ("c", 1)],
            &[("a", 2), ("c", 1), ("d", 1)],
            [&["d"], &["b"], &["a"]],
        );
    }
}
