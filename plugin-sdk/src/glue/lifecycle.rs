//! The interface `lifecycle`.

use std::fmt::Display;

use super::WitError;
use crate::Error;

pub use crate::bindings::lifecycle_plugin::exports::portcullis::plugin::lifecycle::DeactivationReason;
use crate::bindings::lifecycle_plugin::exports::portcullis::plugin::lifecycle::Guest;

/// A plugin that is told of the beginning and the end.
pub trait Lifecycle {
    fn activate() -> Result<(), WitError> {
        Ok(())
    }

    fn deactivate(_reason: DeactivationReason) {}

    fn health() -> Result<(), WitError> {
        Ok(())
    }
}

impl<P: Lifecycle> Guest for P {
    fn activate() -> Result<(), WitError> {
        P::activate()
    }

    fn deactivate(reason: DeactivationReason) {
        P::deactivate(reason);
    }

    fn health() -> Result<(), WitError> {
        P::health()
    }
}

/// How `activate` or `health` went.
pub fn report<E: Display + 'static>(result: Result<(), E>) -> Result<(), WitError> {
    result.map_err(|error| Error::from_any(error).into_wit())
}
