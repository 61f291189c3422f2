//! What a component showed on its way through the stages of loading.

use super::anatomy::Anatomy;
use crate::contract::Lists;
use crate::limits::Limits;
use crate::manifest::Source;
use crate::runtime::{Interface, Usage};

/// A component that was read, whose manifest makes sense, and that was compiled.
#[derive(Debug)]
pub struct Subject {
    /// Its files.
    pub source: Source,
    /// What the bytes of its component are for.
    pub(super) anatomy: Anatomy,
    /// The limits it gets where nobody says otherwise.
    pub limits: Limits,
    /// The interfaces of the contract that it exports.
    pub exports: Vec<Interface>,
    /// The interfaces it imports, by full name.
    pub imports: Vec<String>,
    /// What it listed; none when it does not start.
    pub listed: Option<Listed>,
}

/// What a component listed, asked twice.
#[derive(Debug)]
pub struct Listed {
    /// The first time.
    pub lists: Lists,
    /// The second time, in other instances, which were told that it is another day.
    pub again: Lists,
    /// What starting and listing used the first time.
    pub usage: Usage,
    /// The most fuel one of these visits used. Each has the whole limit to itself.
    pub fuel_max: u64,
}
