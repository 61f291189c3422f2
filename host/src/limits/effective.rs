//! The limits that can be set, and how the host, the operator and the plugin settle on one value for each.

use serde::{Deserialize, Serialize};

/// A limit that was asked to go where the host does not let it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Above the ceiling.
    #[error("limit `{name}` is {asked}, above the host's ceiling of {ceiling} (hint: {hint})")]
    AboveCeiling {
        /// The key.
        name: &'static str,
        /// What was written.
        asked: u64,
        /// What the host allows.
        ceiling: u64,
        /// What to do.
        hint: &'static str,
    },
    /// Zero, which would make the plugin useless instead of unlimited.
    #[error(
        "limit `{name}` is 0 (hint: a limit cannot be switched off; leave the key out for the default of {default})"
    )]
    Zero {
        /// The key.
        name: &'static str,
        /// What it would be without the key.
        default: u64,
    },
}

/// Makes the two structs and the functions that go through all limits, from one table.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: default $default:expr, ceiling $ceiling:expr;)*) => {
        /// One plugin's limits, settled. Holding one proves that no value is zero or above the ceiling.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct Limits { $($(#[$doc])* pub $name: u64,)* }

        /// Some limits, as a file sets them. What is left out stays as it is.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct LimitsPatch {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<u64>,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// The highest value each limit can be given at all.
            pub fn ceiling() -> Self {
                Self { $($name: $ceiling,)* }
            }

            /// Each limit's key with its value, in the order of this table.
            pub fn entries(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }

            /// These limits with the operator's words applied.
            ///
            /// # Errors
            /// When a value is zero or above `ceiling`.
            pub fn patched(mut self, patch: &LimitsPatch, ceiling: &Self) -> Result<Self, LimitError> {
                $(if let Some(asked) = patch.$name {
                    self.$name = check(stringify!($name), asked, ceiling.$name, $ceiling, self.$name)?;
                })*
                Ok(self)
            }

            /// These limits, lowered where a manifest wishes for less. A wish for more, or for zero, changes nothing.
            #[must_use]
            pub fn lowered(mut self, wish: &LimitsPatch) -> Self {
                $(if let Some(asked @ 1..) = wish.$name { self.$name = self.$name.min(asked); })*
                self
            }

            /// These limits, none of them above `ceiling`.
            #[must_use]
            pub fn capped(mut self, ceiling: &Self) -> Self {
                $(self.$name = self.$name.min(ceiling.$name);)*
                self
            }
        }

        impl LimitsPatch {
            /// Each key that is set, with its value.
            pub fn entries(&self) -> Vec<(&'static str, u64)> {
                [$((stringify!($name), self.$name),)*]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
                    .collect()
            }
        }
    };
}

limits! {
    /// Units of work in one call; about one per WebAssembly instruction. Five to seventeen units pass in a nanosecond
    /// on the machines measured, so the default is one to two seconds of a core.
    fuel: default 10_000_000_000, ceiling 10_000_000_000_000;
    /// Milliseconds from the start of a call to its answer, in guest code and in host calls alike. Long enough for a
    /// slow page, short enough that a person still waits.
    call_ms: default 30_000, ceiling 600_000;
    /// Milliseconds for one round of a task, which goes on while its client does something else. It gives its turn back
    /// between rounds.
    task_ms: default 600_000, ceiling 86_400_000;
    /// Tasks of a plugin that are not over, or whose outcome is kept, at one time.
    tasks: default 100, ceiling 10_000;
    /// Milliseconds for which a task is kept from its beginning, at most. A client that comes back later finds nothing.
    task_ttl_ms: default 3_600_000, ceiling 604_800_000;
    /// Milliseconds in which a person may answer a question of a call. Then the question is void.
    answer_wait_ms: default 900_000, ceiling 86_400_000;
    /// Milliseconds for activating a plugin and asking it for its lists. Clients give a server ten seconds to start.
    start_ms: default 5_000, ceiling 60_000;
    /// Bytes of linear memory in one instance, summed over all its memories. A Python guest begins with 12 MB.
    memory_bytes: default 128 << 20, ceiling 1 << 30;
    /// Elements in one instance's tables, summed. A large Rust guest has some thousand functions to put there.
    table_elements: default 100_000, ceiling 1_000_000;
    /// Core instances in one component instance. A Rust guest has four, an adapted or composed one more.
    instances: default 64, ceiling 256;
    /// Host resources a guest holds at one time, such as streams and pollables. Each costs the host memory.
    handles: default 1_000, ceiling 100_000;
    /// Bytes in one answer, binary content counted before it is encoded. A model cannot read more than a fraction.
    answer_bytes: default 8 << 20, ceiling 256 << 20;
    /// Bytes of a plugin's log that are kept, oldest out first: what it printed and what it logged.
    log_bytes: default 256 << 10, ceiling 64 << 20;
    /// Bytes one call may write to the log; the rest is counted and left out.
    call_log_bytes: default 64 << 10, ceiling 16 << 20;
    /// Calls into the host's own interfaces in one call: progress, log, cancellation, notices, files, values, requests.
    host_calls: default 100_000, ceiling 100_000_000;
    /// Notifications (progress and log lines) one call may send to the client; the rest is left out.
    notifications: default 1_000, ceiling 1_000_000;
    /// Calls of one plugin that run at one time; more wait for their turn.
    concurrent_calls: default 16, ceiling 256;
    /// Calls of one plugin that wait for their turn; more are refused at once. A client has seldom more in flight.
    queued_calls: default 64, ceiling 4_096;
    /// Milliseconds a call waits for its turn before it is refused. Part of its `call_ms`.
    queue_ms: default 10_000, ceiling 600_000;
    /// Hundredths of a core that a plugin may use over time, all its calls together: 50 is half a core. One that uses
    /// more is made to wait.
    cpu_percent: default 200, ceiling 25_600;
    /// Lines per second a plugin may write to its log, over time; the rest is counted and left out. A burst of ten
    /// times as many passes.
    log_lines_per_second: default 100, ceiling 10_000;
    /// HTTP requests in one call.
    http_requests: default 100, ceiling 100_000;
    /// HTTP connections of one plugin that are open at one time; a request over it waits within its `http_ms`.
    http_connections: default 8, ceiling 1_024;
    /// Milliseconds for resolving a name, connecting, and the TLS handshake.
    http_connect_ms: default 5_000, ceiling 60_000;
    /// Milliseconds from a request that was sent to the head of its response.
    http_first_byte_ms: default 15_000, ceiling 600_000;
    /// Milliseconds from the start of a request to the end of its response.
    http_ms: default 30_000, ceiling 600_000;
    /// Bytes in the body of one request.
    request_bytes: default 1 << 20, ceiling 1 << 30;
    /// Bytes in the body of one response. A model cannot read more than a fraction.
    response_bytes: default 8 << 20, ceiling 1 << 30;
    /// Bytes one call may send, heads and bodies of all its requests together: the width of the way out.
    outbound_bytes: default 4 << 20, ceiling 4 << 30;
    /// Bytes in a plugin's `user-data`.
    user_data_bytes: default 64 << 20, ceiling 1 << 40;
    /// Files and folders in a plugin's `user-data`. Each costs the disk more than its bytes.
    user_data_files: default 10_000, ceiling 10_000_000;
    /// Bytes in a plugin's `cache`.
    cache_bytes: default 64 << 20, ceiling 1 << 40;
    /// Files and folders in a plugin's `cache`.
    cache_files: default 10_000, ceiling 10_000_000;
    /// Bytes in one call's `temp`.
    temp_bytes: default 64 << 20, ceiling 1 << 40;
    /// Files and folders in one call's `temp`.
    temp_files: default 1_000, ceiling 1_000_000;
    /// Bytes in a plugin's key-value store, keys and values together.
    key_value_bytes: default 16 << 20, ceiling 1 << 34;
    /// Keys in a plugin's key-value store.
    key_value_keys: default 10_000, ceiling 10_000_000;
    /// Calls in a row that have to fail by the plugin's fault before it is quarantined.
    failures_in_a_row: default 5, ceiling 1_000;
    /// Milliseconds of the first quarantine; each one after it is twice as long, up to five minutes.
    quarantine_ms: default 1_000, ceiling 300_000;
    /// Milliseconds a guest that watches for its cancellation gets to put things in order.
    cancel_grace_ms: default 250, ceiling 10_000;
}

/// Checks a value against the ceiling. `farthest` is where the host's own ceiling is, which nobody raises.
fn check(
    name: &'static str,
    asked: u64,
    ceiling: u64,
    farthest: u64,
    default: u64,
) -> Result<u64, LimitError> {
    let hint = if ceiling < farthest {
        "ask for less, or raise it under `[host.ceiling]` as far as the host goes"
    } else {
        "ask for less; no host goes further"
    };
    match asked {
        0 => Err(LimitError::Zero { name, default }),
        _ if asked > ceiling => Err(LimitError::AboveCeiling {
            name,
            asked,
            ceiling,
            hint,
        }),
        _ => Ok(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fuel(fuel: u64) -> LimitsPatch {
        LimitsPatch {
            fuel: Some(fuel),
            ..LimitsPatch::default()
        }
    }

    #[test]
    fn a_default_never_passes_its_ceiling() {
        for ((name, default), (_, ceiling)) in Limits::default()
            .entries()
            .iter()
            .zip(Limits::ceiling().entries())
        {
            assert!((1..=ceiling).contains(default), "{name}");
        }
    }

    #[test]
    fn the_operator_goes_as_far_as_the_ceiling_and_no_further() {
        let ceiling = Limits {
            fuel: 50,
            ..Limits::ceiling()
        };
        let set = |asked| {
            Limits::default()
                .patched(&fuel(asked), &ceiling)
                .map(|limits| limits.fuel)
        };
        assert_eq!(set(50), Ok(50));
        assert!(matches!(
            set(51),
            Err(LimitError::AboveCeiling {
                name: "fuel",
                asked: 51,
                ceiling: 50,
                ..
            })
        ));
        assert!(matches!(set(0), Err(LimitError::Zero { name: "fuel", .. })));
    }

    #[test]
    fn the_way_to_more_is_shown_only_where_there_is_one() {
        let lowered = Limits {
            fuel: 50,
            ..Limits::ceiling()
        };
        for (ceiling, can_be_raised) in [(lowered, true), (Limits::ceiling(), false)] {
            let refused = Limits::default().patched(&fuel(u64::MAX), &ceiling);
            let sentence = refused.expect_err("it is above the ceiling").to_string();
            assert_eq!(
                sentence.contains("[host.ceiling]"),
                can_be_raised,
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_manifest_gets_less_when_it_wishes_and_never_more() {
        let limits = Limits::default();
        assert_eq!(limits.clone().lowered(&fuel(7)).fuel, 7);
        assert_eq!(limits.clone().lowered(&fuel(u64::MAX)).fuel, limits.fuel);
        assert_eq!(limits.clone().lowered(&fuel(0)).fuel, limits.fuel);
    }
}
