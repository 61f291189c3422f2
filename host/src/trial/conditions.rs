//! Under which conditions a plugin is tried.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Answers, Exchange};
use crate::config::Directory;
use crate::contract::{ClientCapabilities, Principal};
use crate::limits::LimitsPatch;
use crate::permissions::{SystemPower, Words};

/// Under which conditions a plugin is tried. The default is what a plugin gets from an operator who grants nothing.
///
/// They exist in a trial alone: no configuration of a host that serves clients can say any of what is pretended here. And
/// they give no permission: what is pretended is met only by what `allow` lets pass.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// Policy and grant at once: what the plugin gets of what its manifest asks for.
    pub allow: Words,
    /// What it goes without: `clock`, `random`.
    pub withhold: Vec<SystemPower>,
    /// Other limits than it would get.
    pub limits: LimitsPatch,
    /// Folders it may see, with `directories` among what is allowed.
    pub directories: Vec<Directory>,
    /// Its settings.
    pub config: Map<String, Value>,
    /// Values of environment variables; the machine's own are not looked at.
    pub environment: BTreeMap<String, String>,
    /// Its secrets, by name.
    pub secrets: BTreeMap<String, PretendedSecret>,
    /// What its clock shows, all the time; none: the true time. What counts from its start goes on by a step with each
    /// reading.
    pub now: Option<SystemTime>,
    /// Where its random numbers begin; none: true ones. Each call gets other ones, and the same in every trial that makes the
    /// same calls in the same order.
    pub seed: Option<u64>,
    /// What its key-value store holds in the beginning.
    pub key_value: BTreeMap<String, Bytes>,
    /// Who answers its requests.
    pub reach: Reach,
    /// What is answered when it asks something before it goes on.
    pub answers: Answers,
    /// What its client can do; none: everything.
    pub capabilities: Option<ClientCapabilities>,
    /// Who calls, as a host over HTTP would know it.
    pub principal: Option<Principal>,
}

/// A secret of a test. With [`Reach::Recorded`] it may be a true one, so it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PretendedSecret {
    /// Its value.
    pub value: String,
    /// The header it is inserted in, and the rule for requests that carry it; without one the plugin reads it as a setting.
    pub binding: Option<crate::secrets::Binding>,
}

/// Who answers a plugin's requests. Whether it may send them at all is asked first, whoever answers.
#[derive(Debug, Clone, Default)]
pub enum Reach {
    /// Nobody: a permitted request finds no one at the other end.
    #[default]
    Nobody,
    /// These exchanges: a request gets the first one that fits and was not used yet, and the last one that fits when all
    /// were. A request that fits none finds nobody, and the test is told.
    Script(Vec<Exchange>),
    /// The true network, and every exchange is noted, without secrets.
    Recorded,
}

impl fmt::Debug for PretendedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PretendedSecret");
        shown
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}
