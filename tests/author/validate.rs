//! Whether components are fit to ship.
