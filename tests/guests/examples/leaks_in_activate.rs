//! Refuses to start, and says why with the setting `token`.

use portcullis_test_guests::*;

struct LeaksInActivate;

impl Trick for LeaksInActivate {
    const NAME: &str = "leaks_in_activate";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("done")
    }
}

impl lifecycle::Guest for LeaksInActivate {
    fn activate() -> Result<(), Error> {
        Err(Error::Other(settings::get("token").ok().flatten()))
    }

    fn deactivate(_reason: lifecycle::DeactivationReason) {}

    fn health() -> Result<(), Error> {
        Ok(())
    }
}

export!(LeaksInActivate: tools, lifecycle);
