//! Tests of a plugin with `cargo test`: the built component in the real host.
