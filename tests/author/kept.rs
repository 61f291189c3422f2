//! Components built once are loaded and called for ever.
