//! A plugin served while it is written.

mod program;
mod rust;
mod swap;
