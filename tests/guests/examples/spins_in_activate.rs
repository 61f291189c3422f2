//! Never ends its activation.

use std::hint::black_box;

use portcullis_test_guests::*;

struct SpinsInActivate;

impl Trick for SpinsInActivate {
    const NAME: &str = "spins_in_activate";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("never activated, called all the same")
    }
}

impl lifecycle::Guest for SpinsInActivate {
    fn activate() -> Result<(), Error> {
        loop {
            black_box(());
        }
    }

    fn deactivate(_reason: lifecycle::DeactivationReason) {}

    fn health() -> Result<(), Error> {
        Ok(())
    }
}

export!(SpinsInActivate: tools, lifecycle);
