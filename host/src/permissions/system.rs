//! The power `system`: what a plugin wants of the machine it runs on.

use std::fmt;
use std::str::FromStr;

use super::PermissionError;

/// One power over, or knowledge of, the machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SystemPower {
    /// `env:NAME`: the value of one environment variable.
    Env(String),
    /// `clock`: the true time.
    Clock,
    /// `random`: true randomness.
    Random,
    /// `process:spawn`: other programs. It can be asked for, so that the refusal can say why it is never given.
    ProcessSpawn,
}

impl SystemPower {
    /// Why nobody gets [`Self::ProcessSpawn`], and what to do instead.
    pub const WHY_NO_PROCESSES: &'static str = "a process runs outside the sandbox with all the rights of the host, so \
        no plugin gets one (hint: compile the program to WebAssembly into the plugin, or talk to it over `network`)";
}

impl fmt::Display for SystemPower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Clock => f.write_str("clock"),
            Self::Random => f.write_str("random"),
            Self::ProcessSpawn => f.write_str("process:spawn"),
        }
    }
}

impl FromStr for SystemPower {
    type Err = PermissionError;

    fn from_str(claimed: &str) -> Result<Self, PermissionError> {
        let refuse =
            |problem, hint| Err(PermissionError::new("system power", claimed, problem, hint));
        match claimed {
            "clock" => Ok(Self::Clock),
            "random" => Ok(Self::Random),
            "process:spawn" => Ok(Self::ProcessSpawn),
            _ => match claimed.strip_prefix("env:") {
                Some(name) if is_variable(name) => Ok(Self::Env(name.to_owned())),
                Some(name) if name.contains('*') => refuse(
                    "asks for more than one variable",
                    "name each variable, such as `env:LANG`",
                ),
                Some(_) => refuse(
                    "does not name an environment variable",
                    "use letters, digits and `_`, such as `env:LANG`",
                ),
                None => refuse(
                    "is not a power",
                    "use `env:NAME`, `clock`, `random` or `process:spawn`",
                ),
            },
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_is_named_exactly() {
        let check = |claimed: &str, fits: bool| {
            let read = claimed.parse::<SystemPower>();
            assert_eq!(read.is_ok(), fits, "{claimed:?}");
            assert!(read.is_err() || read.is_ok_and(|power| power.to_string() == claimed));
        };
        check("clock", true);
        check("random", true);
        check("process:spawn", true);
        check("env:LANG", true);
        check("env:_x9", true);
        check("", false);
        check("Clock", false);
        check("env", false);
        check("env:", false);
        check("env:*", false);
        check("env:AWS_*", false);
        check("env:9", false);
        check("env:A=B", false);
        check("env:A B", false);
        check("process:*", false);
        check("process:spawn:/bin/sh", false);
    }
}
