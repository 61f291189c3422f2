//! The book in `docs/`: what it shows is what happens.

mod reference;
