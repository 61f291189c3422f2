//! A plugin served while it is written.

mod swap;
