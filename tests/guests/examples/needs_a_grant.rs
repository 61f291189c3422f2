//! Does not start without its key-value store.

use portcullis_test_guests::*;

struct NeedsAGrant;

impl Trick for NeedsAGrant {
    const NAME: &str = "needs_a_grant";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("granted")
    }
}

impl lifecycle::Guest for NeedsAGrant {
    fn activate() -> Result<(), Error> {
        match key_value::get("ready") {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Unavailable("its store".into())),
        }
    }

    fn deactivate(_reason: lifecycle::DeactivationReason) {}

    fn health() -> Result<(), Error> {
        Ok(())
    }
}

export!(NeedsAGrant: tools, lifecycle);
