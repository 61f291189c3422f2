//! The power `storage`: what a plugin may keep, and which folders of the operator's it may see.

use std::fmt;
use std::str::FromStr;

use super::PermissionError;

/// One kind of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StorageKind {
    /// `user-data`: kept until somebody deletes it.
    UserData,
    /// `cache`: kept until the host wants the room back.
    Cache,
    /// `temp`: gone with the call.
    Temp,
    /// `key-value`: values under keys, kept until somebody deletes them.
    KeyValue,
    /// `directories`: the folders the operator shares with the plugin, whichever they are.
    Directories,
}

impl StorageKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::UserData,
        Self::Cache,
        Self::Temp,
        Self::KeyValue,
        Self::Directories,
    ];
}

impl fmt::Display for StorageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserData => "user-data",
            Self::Cache => "cache",
            Self::Temp => "temp",
            Self::KeyValue => "key-value",
            Self::Directories => "directories",
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
            "key-value" => Ok(Self::KeyValue),
            "directories" => Ok(Self::Directories),
            _ => Err(PermissionError::new(
                "storage",
                claimed,
                "is not a kind of storage",
                "use `user-data`, `cache`, `temp`, `key-value` or `directories`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_storage_is_named_exactly() {
        let check = |claimed: &str, fits: bool| {
            let read = claimed.parse::<StorageKind>();
            assert_eq!(read.is_ok(), fits, "{claimed:?}");
            assert!(read.is_err() || read.is_ok_and(|kind| kind.to_string() == claimed));
        };
        check("user-data", true);
        check("cache", true);
        check("temp", true);
        check("key-value", true);
        check("directories", true);
        check("", false);
        check("Cache", false);
        check("user_data", false);
        check("/home", false);
    }
}
