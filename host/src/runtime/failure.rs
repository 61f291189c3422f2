//! Why a plugin could not answer, when it was not the plugin's own word: which limit it met, what it used, what was
//! allowed, and how a person raises it.

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;

use super::guest::{Guest, TooManyHostCalls};
use super::meter::Refused;
use super::usage::Usage;
use crate::limits::Limits;
use crate::names::{PluginName, without_hint};

/// A call that ended without an answer, by the plugin's fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("plugin `{plugin}` {kind}{}", hint(plugin, kind))]
pub struct Failure {
    /// Whose fault it is.
    pub plugin: PluginName,
    /// What happened.
    pub kind: FailureKind,
    /// What the call had used by then. Boxed, because errors are carried far.
    pub usage: Box<Usage>,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// It took too long.
    #[error("was stopped: it used more than the {allowed} ms it has for {what}")]
    Deadline {
        /// What it was doing.
        what: &'static str,
        /// The limit's key.
        limit: &'static str,
        /// Milliseconds.
        allowed: u64,
    },
    /// It never got its turn.
    #[error("is busy: {allowed} of its calls are running, and none ended in time")]
    Busy {
        /// Calls at one time.
        allowed: u64,
    },
    /// Too many of its calls waited for their turn already.
    #[error("is busy: {allowed} of its calls wait for their turn already")]
    QueueFull {
        /// Calls that wait.
        allowed: u64,
    },
    /// The call waited too long for its turn.
    #[error("is busy: the call waited {allowed} ms for its turn, and none of those that run ended")]
    QueueTime {
        /// Milliseconds.
        allowed: u64,
    },
    /// There was no place for its instance, because of all plugins together.
    #[error(
        "was not called: {allowed} instances of all plugins are at work, and none ended in time"
    )]
    HostBusy {
        /// Instances.
        allowed: u64,
    },
    /// It used up its fuel.
    #[error("was stopped: it used all its {allowed} units of fuel")]
    Fuel {
        /// Units.
        allowed: u64,
    },
    /// It asked for more memory than it may have, and died of the refusal.
    #[error(
        "was stopped: it asked for more than the {allowed} bytes of memory it may have, and used {used}"
    )]
    Memory {
        /// Bytes in use when it was refused more.
        used: u64,
        /// Bytes.
        allowed: u64,
    },
    /// It may have more memory for itself, and all plugins together may not.
    #[error(
        "was stopped: it asked for memory, and nothing is left for it of the {allowed} bytes that all plugins share"
    )]
    HostMemory {
        /// Bytes.
        allowed: u64,
    },
    /// The same with tables.
    #[error("was stopped: it asked for more than the {allowed} table elements it may have")]
    Table {
        /// Elements.
        allowed: u64,
    },
    /// It is made of too many core instances.
    #[error("does not start: it needs more than the {allowed} core instances it may have")]
    Instances {
        /// Core instances.
        allowed: u64,
    },
    /// It said more than it may.
    #[error("said too much: its answer has more than the {allowed} bytes it may have")]
    AnswerTooLarge {
        /// The limit's key, when there is one to raise.
        limit: Option<&'static str>,
        /// Bytes.
        allowed: u64,
    },
    /// It held too many host resources.
    #[error("was stopped: it held more than the {allowed} handles it may hold")]
    Handles {
        /// Handles.
        allowed: u64,
    },
    /// It called the host too often.
    #[error("was stopped: it called the host more than the {allowed} times it may")]
    HostCalls {
        /// Calls.
        allowed: u64,
    },
    /// It trapped.
    #[error("crashed: {reason}")]
    Trap {
        /// What kind of trap.
        reason: String,
    },
    /// It ended its own process.
    #[error("ended itself with exit code {code} instead of answering")]
    Exit {
        /// The code.
        code: i32,
    },
    /// It exports an interface whose functions or types are not the contract's.
    #[error("does not fit the contract: {0} (hint: build it against the WIT of this version)")]
    OtherShape(String),
    /// What it said does not fit the contract.
    #[error("said something that makes no sense: {0}")]
    Nonsense(String),
    /// It refuses to work.
    #[error("does not start: {0}")]
    Inactive(String),
    /// The host's own code for it panicked.
    #[error("met a bug in the host")]
    HostPanic,
    /// Nobody waits for the answer.
    #[error("was stopped: the call was cancelled")]
    Cancelled,
}

impl FailureKind {
    /// The key of the limit that was met.
    fn limit(&self) -> Option<&'static str> {
        Some(match self {
            Self::Deadline { limit, .. } => limit,
            Self::Busy { .. } => "concurrent_calls",
            Self::QueueFull { .. } => "queued_calls",
            Self::QueueTime { .. } => "queue_ms",
            Self::Fuel { .. } => "fuel",
            Self::Memory { .. } => "memory_bytes",
            Self::Table { .. } => "table_elements",
            Self::Instances { .. } => "instances",
            Self::AnswerTooLarge { limit, .. } => return *limit,
            Self::Handles { .. } => "handles",
            Self::HostCalls { .. } => "host_calls",
            _ => return None,
        })
    }

    /// What happened, in one of few words: the limit that was met, or the kind.
    pub(super) fn word(&self) -> &'static str {
        self.limit().unwrap_or(match self {
            Self::HostBusy { .. } => "host_busy",
            Self::HostMemory { .. } => "host_memory",
            Self::HostPanic => "host_panic",
            Self::Trap { .. } => "trap",
            Self::Exit { .. } => "exit",
            Self::Cancelled => "cancelled",
            // All the rest are ways to say or be what the contract does not have.
            _ => "contract",
        })
    }

    /// Whether the plugin is to blame. It is not when it never got to work, when others took what it needed, when nobody
    /// waited for it any more, or when the host could not do its part.
    pub fn is_the_plugins_fault(&self) -> bool {
        !matches!(
            self,
            Self::Busy { .. }
                | Self::QueueFull { .. }
                | Self::QueueTime { .. }
                | Self::HostBusy { .. }
                | Self::HostMemory { .. }
                | Self::HostPanic
                | Self::Cancelled
        )
    }
}

fn hint(plugin: &PluginName, kind: &FailureKind) -> String {
    match kind.limit() {
        Some(limit) => {
            format!(" (hint: raise `{limit}` under `[plugins.{plugin}.limits]` in portcullis.toml)")
        }
        None => match kind {
            FailureKind::HostPanic => " (hint: please report it; the log has the details)",
            FailureKind::HostMemory { .. } => {
                " (hint: raise `memory_bytes` under `[host]` in portcullis.toml)"
            }
            FailureKind::HostBusy { .. } => " (hint: try again when other calls have ended)",
            _ => "",
        }
        .to_owned(),
    }
}

/// A guest's export has not the type the contract gives it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct OtherShape(String);

/// Marks the error of looking up a guest's functions as what it is.
pub(super) fn fits<T>(looked_up: wasmtime::Result<T>) -> wasmtime::Result<T> {
    looked_up.map_err(|error| {
        wasmtime::Error::new(OtherShape(super::log::printable(&format!("{error:#}"))))
    })
}

/// Finds out what ended a guest.
pub(super) fn classify(error: &wasmtime::Error, guest: &Guest, limits: &Limits) -> FailureKind {
    if error.is::<TooManyHostCalls>() {
        return FailureKind::HostCalls {
            allowed: limits.host_calls,
        };
    }
    if let Some(OtherShape(problem)) = error.downcast_ref() {
        return FailureKind::OtherShape(problem.clone());
    }
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return FailureKind::Exit { code: *code };
    }
    let trap = error.downcast_ref::<Trap>();
    if trap == Some(&Trap::OutOfFuel) {
        return FailureKind::Fuel {
            allowed: limits.fuel,
        };
    }
    // A guest that was refused memory mostly ends with `unreachable`, as any other panic does.
    match guest.meter.refused() {
        Some(Refused::Memory) => {
            return FailureKind::Memory {
                used: guest.meter.memory_bytes() as u64,
                allowed: limits.memory_bytes,
            };
        }
        Some(Refused::TotalMemory) => {
            return FailureKind::HostMemory {
                allowed: guest.meter.total_memory_bytes(),
            };
        }
        Some(Refused::Table) => {
            return FailureKind::Table {
                allowed: limits.table_elements,
            };
        }
        None => {}
    }
    // wasmtime keeps these two errors private; a test with a real guest tells when a text changes.
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        return FailureKind::AnswerTooLarge {
            limit: Some("answer_bytes"),
            allowed: limits.answer_bytes,
        };
    }
    if text.contains("instance count too high") {
        return FailureKind::Instances {
            allowed: limits.instances,
        };
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        return FailureKind::Handles {
            allowed: limits.handles,
        };
    }
    let mut reason = match trap {
        Some(trap) => trap.to_string(),
        None => super::log::printable(&error.root_cause().to_string()),
    };
    let last_words = guest.log.last_words();
    if !last_words.is_empty() {
        reason.push_str(&format!("; it said: {last_words}"));
    }
    FailureKind::Trap {
        reason: without_hint(&reason),
    }
}
