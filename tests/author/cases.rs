//! The cases beside a plugin.
