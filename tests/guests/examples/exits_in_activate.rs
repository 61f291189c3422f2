//! Ends itself in the middle of its activation.

use portcullis_test_guests::*;

struct ExitsInActivate;

impl Trick for ExitsInActivate {
    const NAME: &str = "exits_in_activate";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("never activated, called all the same")
    }
}

impl lifecycle::Guest for ExitsInActivate {
    fn activate() -> Result<(), Error> {
        std::process::exit(3)
    }

    fn deactivate(_reason: lifecycle::DeactivationReason) {}

    fn health() -> Result<(), Error> {
        Ok(())
    }
}

export!(ExitsInActivate: tools, lifecycle);
