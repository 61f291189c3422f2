//! What components list, and what that says of them.
