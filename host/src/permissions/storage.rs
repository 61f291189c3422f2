//! The power `storage`: what a plugin wants to keep.

use std::fmt;
use std::str::FromStr;

use super::PermissionError;

/// One kind of storage, by how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StorageKind {
    /// `user-data`: kept until somebody deletes it.
    UserData,
    /// `cache`: kept until the host wants the room back.
    Cache,
    /// `temp`: gone with the call.
    Temp,
}

impl fmt::Display for StorageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserData => "user-data",
            Self::Cache => "cache",
            Self::Temp => "temp",
        })
    }
}

impl FromStr for StorageKind {
    type Err = PermissionError;

    fn from_str(claimed: &str) -> Result<Self, PermissionError> {
        match claimed {
            "user-data" => Ok(Self::UserData),
            "cache" => Ok(Self::Cache),
            "temp" => Ok(Self::Temp),
            _ => Err(PermissionError::new(
                "storage",
                claimed,
                "is not a kind of storage",
                "use `user-data`, `cache` or `temp`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_kinds_of_storage() {
        let check = |claimed: &str, fits: bool| {
            let read = claimed.parse::<StorageKind>();
            assert_eq!(read.is_ok(), fits, "{claimed:?}");
            assert!(read.is_err() || read.is_ok_and(|kind| kind.to_string() == claimed));
        };
        check("user-data", true);
        check("cache", true);
        check("temp", true);
        check("", false);
        check("Cache", false);
        check("user_data", false);
        check("/home", false);
    }
}
