//! What the book shows is what happens.
