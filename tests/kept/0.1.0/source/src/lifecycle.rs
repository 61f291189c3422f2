//! The beginning and the end.

use crate::exports::portcullis::plugin::lifecycle::{DeactivationReason, Guest};
use crate::portcullis::plugin::{key_value, log};
use crate::{Error, Everything};

impl Guest for Everything {
    fn activate() -> Result<(), Error> {
        // Where nothing may be kept, the service begins all the same.
        let _ = key_value::set("activated", b"yes");
        Ok(())
    }

    fn deactivate(reason: DeactivationReason) {
        log::write(log::Level::Info, None, &format!("ended: {reason:?}"), None);
    }

    fn health() -> Result<(), Error> {
        Ok(())
    }
}
