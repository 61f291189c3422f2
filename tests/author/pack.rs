//! One file, measured and completed.
