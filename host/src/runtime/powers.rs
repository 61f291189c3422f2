//! What one plugin is given beside its limits. It is put together once, and each of its instances gets the same.

use std::sync::Arc;

use super::pretended::Pretended;
use crate::network::Gate;
use crate::permissions::Keys;
use crate::secrets::Redactor;
use crate::storage::{KeyValue, Places};

/// What one plugin is given. What is not in here, no instance of it can reach.
#[derive(Clone)]
pub struct Powers {
    /// What decides on everything it tries.
    pub keys: Arc<Keys>,
    /// Environment variables, with their values.
    pub variables: Vec<(String, String)>,
    /// Its key-value store, which its keys may yet keep it from; none: this host has no place for one.
    pub key_value: Option<KeyValue>,
    /// Settings, with their values as text; what is no text is JSON.
    pub settings: Arc<[(String, String)]>,
    /// What leaves its secrets out of all it says; none when it has no secrets.
    pub redactor: Option<Arc<Redactor>>,
    /// Its way out. Without one every request is refused, and the keys are asked only for the reason.
    pub gate: Option<Gate>,
    /// The folders it may see.
    pub places: Option<Places>,
    /// Whether its requests carry the trace they belong to.
    pub propagates_trace: bool,
    /// Whether everything it is not given is shown to it, and refused, so that people learn what it would use.
    pub is_watched: bool,
    /// What is pretended to it in a trial; nothing otherwise.
    pub pretended: Pretended,
}

impl Powers {
    /// Nothing but the keys, which may yet refuse everything.
    pub fn none(keys: Arc<Keys>) -> Self {
        Self {
            keys,
            variables: Vec::new(),
            key_value: None,
            settings: Arc::default(),
            redactor: None,
            gate: None,
            places: None,
            propagates_trace: false,
            is_watched: false,
            pretended: Pretended::default(),
        }
    }
}
