//! Making and building a plugin.
