//! What a configuration says of permissions: the policy, and each plugin's grants, folders, values and secrets.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::ConfigError;
use super::table::{Field, Table};
use crate::permissions::{Approved, NetworkRule, Policy, SystemPower, Words};
use crate::secrets::{Binding, Place, Reference, Source};

/// A folder of the operator's that a plugin may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// What the plugin sees it as: `/directories/<name>`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether the plugin may change what is in it.
    pub write: bool,
}

/// Reads `[policy]`.
pub(super) fn read_policy(policy: &Table<'_>) -> Result<Policy, ConfigError> {
    policy.only(&["network", "storage", "system", "withhold"], &[])?;
    Ok(Policy {
        words: Words {
            network: read_list(policy, "network")?,
            storage: read_list(policy, "storage")?,
            system: read_system(policy)?,
        },
        withheld: read_withheld(policy)?,
    })
}

/// Reads `[plugins.<name>.grants]`.
pub(crate) fn read_grants(grants: &Table<'_>) -> Result<Words, ConfigError> {
    grants.only(&["network", "storage", "system"], &[])?;
    Ok(Words {
        network: read_list(grants, "network")?,
        storage: read_list(grants, "storage")?,
        system: read_system(grants)?,
    })
}

/// Reads `digest`.
pub(super) fn read_approved(digest: &Field<'_>) -> Result<Approved, ConfigError> {
    match digest.text()? {
        "any" => Ok(Approved::Anything),
        _ => parse(digest).map(Approved::Digest),
    }
}

/// Reads `withhold`.
pub(crate) fn read_withheld(table: &Table<'_>) -> Result<Vec<SystemPower>, ConfigError> {
    let items = items(table, "withhold")?;
    let powers = items.iter().map(|item| match parse(item)? {
        power @ (SystemPower::Clock | SystemPower::Random) => Ok(power),
        _ => Err(item.bad_value(
            "only `clock` and `random` are given without being asked for (hint: leave everything else out of `grants`)",
        )),
    });
    powers.collect()
}

fn read_system(table: &Table<'_>) -> Result<Vec<SystemPower>, ConfigError> {
    let items = items(table, "system")?;
    let powers = items.iter().map(|item| match parse(item)? {
        SystemPower::ProcessSpawn => Err(item.bad_value(SystemPower::WHY_NO_PROCESSES)),
        SystemPower::Clock | SystemPower::Random => Err(item.bad_value(
            "every plugin has a clock and random numbers (hint: to take them away, write them under `withhold`)",
        )),
        power @ SystemPower::Env(_) => Ok(power),
    });
    powers.collect()
}

/// Reads `[plugins.<name>.directories]`.
pub(super) fn read_directories(
    directories: &Table<'_>,
    folder: &Path,
) -> Result<Vec<Directory>, ConfigError> {
    let read = |field: &Field<'_>| {
        let name = key_name(field)?;
        let table = field.table()?;
        table.only(&["path", "write"], &[])?;
        let path = table.field("path").ok_or_else(|| {
            field.bad_value("has no `path` (hint: write the folder the plugin may see)")
        })?;
        Ok(Directory {
            name,
            path: super::portcullis_toml::read_path(path, folder)?,
            write: table.field("write").map_or(Ok(false), Field::boolean)?,
        })
    };
    directories.fields().iter().map(read).collect()
}

/// Reads `[plugins.<name>.environment]`.
pub(crate) fn read_environment(
    environment: &Table<'_>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let read = |field: &Field<'_>| {
        format!("env:{}", field.name)
            .parse::<SystemPower>()
            .map_err(|error| field.bad_value(error))?;
        Ok((field.name.to_owned(), field.text()?.to_owned()))
    };
    environment.fields().iter().map(read).collect()
}

/// Reads `[plugins.<name>.secrets]`.
pub(super) fn read_secrets(
    secrets: &Table<'_>,
    folder: &Path,
) -> Result<BTreeMap<String, Reference>, ConfigError> {
    let read = |field: &Field<'_>| Ok((key_name(field)?, read_secret(field, folder)?));
    secrets.fields().iter().map(read).collect()
}

fn read_secret(secret: &Field<'_>, folder: &Path) -> Result<Reference, ConfigError> {
    let table = secret.table()?;
    table.only(
        &[
            "env", "file", "keyring", "host", "header", "query", "prefix",
        ],
        &[],
    )?;
    Ok(Reference {
        source: read_source(secret, &table, folder)?,
        binding: read_binding(secret, &table)?,
    })
}

/// Reads where a secret is.
pub(super) fn read_source(
    secret: &Field<'_>,
    table: &Table<'_>,
    folder: &Path,
) -> Result<Source, ConfigError> {
    Ok(
        match (
            table.field("env"),
            table.field("file"),
            table.field("keyring"),
        ) {
            (Some(env), None, None) => Source::Env(env.text()?.to_owned()),
            (None, Some(file), None) => {
                Source::File(super::portcullis_toml::read_path(file, folder)?)
            }
            (None, None, Some(keyring)) => match keyring.text()?.split_once('/') {
                Some((service, user)) if !service.is_empty() && !user.is_empty() => {
                    Source::Keyring {
                        service: service.to_owned(),
                        user: user.to_owned(),
                    }
                }
                _ => {
                    return Err(keyring.bad_value(
                    "does not name a secret (hint: write `service/user`, as the keyring shows them)",
                ));
                }
            },
            _ => {
                return Err(secret.bad_value(
                "does not say where it is (hint: write one of `env`, `file` and `keyring`; the secret itself never stands here)",
            ));
            }
        },
    )
}

/// Reads whom a secret is for, and the part of a request that carries it.
pub(crate) fn read_binding(
    secret: &Field<'_>,
    table: &Table<'_>,
) -> Result<Option<Binding>, ConfigError> {
    let place = match (table.field("header"), table.field("query")) {
        (Some(header), None) => {
            let name = header.text()?.to_ascii_lowercase();
            let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(is_token) {
                return Err(
                    header.bad_value("is not the name of a header (hint: such as `authorization`)")
                );
            }
            let prefix = table.field("prefix").map_or(Ok(""), Field::text)?;
            Some(Place::Header {
                name,
                prefix: prefix.to_owned(),
            })
        }
        (None, Some(query)) => Some(Place::Query(query.text()?.to_owned())),
        (None, None) => None,
        (Some(_), Some(query)) => {
            return Err(
                query.bad_value("stands beside `header` (hint: a secret goes into one of the two)")
            );
        }
    };
    let rule = table.field("host").map(parse::<NetworkRule>).transpose()?;
    match (rule, place) {
        (Some(rule), Some(place)) => Ok(Some(Binding { rule, place })),
        (None, None) => Ok(None),
        _ => Err(secret.bad_value(
            "is bound by half (hint: write `host` and one of `header` and `query`, or none of them)",
        )),
    }
}

/// The name of a folder or a secret: it becomes part of a path, or the key of a setting.
pub(crate) fn key_name(field: &Field<'_>) -> Result<String, ConfigError> {
    /// As long as a plugin's name.
    const NAME_BYTES_MAX: usize = 40;
    let name = field.name;
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    let is_outer = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fits = name.len() <= NAME_BYTES_MAX
        && name.bytes().all(is_inner)
        && is_outer(name.bytes().next())
        && is_outer(name.bytes().last());
    match fits {
        true => Ok(name.to_owned()),
        false => Err(field.bad_value(
            "is not a name (hint: use lower-case letters, digits, `-` and `_`, at most 40)",
        )),
    }
}

/// The items of a list of texts; none when there is no list.
fn items<'t>(table: &Table<'t>, name: &str) -> Result<Vec<Field<'t>>, ConfigError> {
    table.field(name).map_or(Ok(Vec::new()), Field::items)
}

fn read_list<T: FromStr<Err: Display>>(
    table: &Table<'_>,
    name: &str,
) -> Result<Vec<T>, ConfigError> {
    items(table, name)?.iter().map(parse).collect()
}

fn parse<T: FromStr<Err: Display>>(field: &Field<'_>) -> Result<T, ConfigError> {
    field
        .text()?
        .parse()
        .map_err(|error| field.bad_value(error))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn what_gives_something_is_read_with_care() {
        let check = |text: &str, expected: &str| {
            let read = Config::parse(text, Path::new("p.toml"));
            let error = read
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
            assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
        };
        let grants = |line: &str| format!("[plugins.a.grants]\n{line}");
        check(
            &grants("network = [\"a.b\", \"*.com\"]"),
            "p.toml:2:19: key `plugins.a.grants.network[1]`: network rule `*.com` covers a whole",
        );
        check(&grants("network = \"a.b\""), "is a string, expected a list");
        check(
            &grants("storage = [\"disk\"]"),
            "`disk` is not a kind of storage",
        );
        check(
            &grants("system = [\"env:*\"]"),
            "asks for more than one variable",
        );
        check(&grants("system = [\"clock\"]"), "every plugin has a clock");
        check(
            &grants("system = [\"process:spawn\"]"),
            "no plugin gets one (hint: compile the program",
        );
        check(
            "[policy]\nwithhold = [\"env:A\"]",
            "only `clock` and `random`",
        );
        check("[policy]\nnetwrok = []", "did you mean `network`?");
        check("[plugins.a]\ndigest = \"sha256:1\"", "`plugins.a.digest`");
        check(
            "[network]\nroots = \"none\"",
            "\"none\" is no list of certificates",
        );
        check("[host]\nmemory_bytes = 0", "is 0");
        check("[plugins.a.directories.x]\nwrite = true", "has no `path`");
        check(
            "[plugins.a.directories.\"../x\"]\npath = \"x\"",
            "is not a name",
        );
        check(
            "[plugins.a.environment]\n\"A B\" = \"x\"",
            "does not name an environment variable",
        );
        let secret = |lines: &str| format!("[plugins.a.secrets.key]\n{lines}");
        check(&secret("host = \"a.b\""), "does not say where it is");
        check(
            &secret("env = \"A\"\nfile = \"a\""),
            "does not say where it is",
        );
        check(
            &secret("value = \"hunter2\""),
            "key `plugins.a.secrets.key.value` is not known",
        );
        check(&secret("keyring = \"github\""), "does not name a secret");
        check(&secret("env = \"A\"\nhost = \"a.b\""), "is bound by half");
        check(&secret("env = \"A\"\nheader = \"x\""), "is bound by half");
        check(
            &secret("env = \"A\"\nhost = \"a.b\"\nheader = \"x\"\nquery = \"y\""),
            "stands beside `header`",
        );
        check(
            &secret("env = \"A\"\nhost = \"a.b\"\nheader = \"x y\""),
            "is not the name of a header",
        );
    }
}
