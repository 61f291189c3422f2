//! From what a plugin tried to the smallest request that covers it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attempt, NetworkRule, Words};

impl Words {
    /// The smallest permissions that cover these attempts. Of requests the origin and the methods count: paths and queries
    /// come from arguments, and would be others in the next call.
    pub fn least<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> Self {
        let mut origins: BTreeMap<NetworkRule, BTreeSet<&str>> = BTreeMap::new();
        let mut storage = BTreeSet::new();
        let mut system = BTreeSet::new();
        for attempt in attempts {
            match attempt {
                Attempt::Http(request) => {
                    let origin = NetworkRule::least(request);
                    origins.entry(origin).or_default().insert(&request.method);
                }
                Attempt::Storage(kind) => {
                    storage.insert(*kind);
                }
                Attempt::System(power) => {
                    system.insert(power.clone());
                }
            }
        }
        let network = origins
            .into_iter()
            .map(|(origin, methods)| origin.for_methods(methods));
        Self {
            network: network.collect(),
            storage: storage.into_iter().collect(),
            system: system.into_iter().collect(),
        }
    }
}
