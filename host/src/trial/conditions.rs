//! Under which conditions a plugin is tried.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::limits::LimitsPatch;
use crate::permissions::{SystemPower, Words};

/// Under which conditions a plugin is tried. The default is what a plugin gets from an operator who grants nothing.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// Policy and grant at once: what the plugin gets of what its manifest asks for.
    pub allow: Words,
    /// What it goes without: `clock`, `random`.
    pub withhold: Vec<SystemPower>,
    /// Other limits than it would get.
    pub limits: LimitsPatch,
    /// Its settings.
    pub config: Map<String, Value>,
    /// Values of environment variables; the machine's own are not looked at.
    pub environment: BTreeMap<String, String>,
    /// Its secrets, by name.
    pub secrets: BTreeMap<String, PretendedSecret>,
    /// What its clock shows, all the time; none: the true time.
    pub now: Option<SystemTime>,
    /// Where its random numbers begin; none: true ones.
    pub seed: Option<u64>,
    /// What its key-value store holds in the beginning.
    pub key_value: BTreeMap<String, Bytes>,
    /// Who answers its requests.
    pub reach: Reach,
}

/// A secret of a test, which is none.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// These exchanges, each as often as it is asked for; a request that fits none fails, and the test is told.
    Script(Vec<Exchange>),
    /// The true network, and every exchange is noted.
    Recorded,
}

/// A request and what is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The method, in upper case.
    pub method: String,
    /// The whole address, with its query.
    pub url: String,
    /// The body the request must have; none: any.
    pub body: Option<Bytes>,
    /// The status of the response.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub response: Bytes,
}
