//! Keeps why its service ended, and tells the next one when it is asked.

use portcullis_test_guests::*;

/// Where it keeps the reason. The calls come in fresh instances, so its memory would not do.
const REASON: &str = "reason";

struct Told;

impl Trick for Told {
    const NAME: &str = "told";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        match key_value::get(REASON) {
            Ok(Some(reason)) => answer(String::from_utf8_lossy(&reason)),
            _ => answer("nothing"),
        }
    }
}

impl lifecycle::Guest for Told {
    fn activate() -> Result<(), Error> {
        Ok(())
    }

    fn deactivate(reason: lifecycle::DeactivationReason) {
        let _ = key_value::set(REASON, format!("{reason:?}").as_bytes());
    }

    fn health() -> Result<(), Error> {
        Ok(())
    }
}

export!(Told: tools, lifecycle);
