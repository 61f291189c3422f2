//! Reports as other programs read them.

pub mod json;
