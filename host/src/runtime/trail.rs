//! What one call left behind, for whoever tries or watches a plugin: what it tried that needs permission, what it said to
//! people, and how far it said it had come.
//!
//! A call without a trail costs nothing for it. What a guest fills is bounded, and its secrets are left out.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::log::LogLine;
use crate::contract::Event;
use crate::permissions::Attempt;

/// Different attempts of one call that are remembered. An honest call makes a handful, and a guest can make up as many as
/// it likes.
const ATTEMPTS_MAX: usize = 256;

/// Lines of one call that are remembered. `call_log_bytes` bounds what a guest says; this bounds the number of empty lines.
const LINES_MAX: usize = 1_000;

/// Reports of one call that are remembered: more than a person reads.
const EVENTS_MAX: usize = 1_000;

/// Something a plugin tried during one call that needs permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What.
    pub attempt: Attempt,
    /// Whether it was permitted.
    pub is_permitted: bool,
}

/// What one call left behind. Whoever makes a call keeps one end of it (`Call::trail`), and may look at any time.
#[derive(Debug, Default)]
pub struct Trail(Mutex<Left>);

#[derive(Debug, Default)]
struct Left {
    tried: Vec<Tried>,
    lines: Vec<LogLine>,
    events: Vec<Event>,
    cut: Cut,
}

/// Of what there was more than is remembered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    /// Of what was tried that needs permission.
    pub attempts: bool,
    /// Of what was printed and logged.
    pub lines: bool,
    /// Of what was reported for the client.
    pub events: bool,
}

impl std::ops::BitOrAssign for Cut {
    fn bitor_assign(&mut self, other: Self) {
        self.attempts |= other.attempts;
        self.lines |= other.lines;
        self.events |= other.events;
    }
}

impl Trail {
    /// What was tried that needs permission, each once, in the order of the first time. `clock` and `random`, which every
    /// plugin is given, are among it only when they were withheld.
    pub fn tried(&self) -> Vec<Tried> {
        self.lock().tried.clone()
    }

    /// What was printed and logged, and what the host said about it, oldest first.
    pub fn lines(&self) -> Vec<LogLine> {
        self.lock().lines.clone()
    }

    /// What was reported for the client: progress, and log lines of every level.
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// Of what there was more than is remembered.
    pub fn cut(&self) -> Cut {
        self.lock().cut
    }

    /// Notes an attempt. One that was refused once is refused, whatever it was another time.
    pub(super) fn note_attempt(&self, attempt: Attempt, is_permitted: bool) {
        let left = &mut *self.lock();
        match left.tried.iter_mut().find(|it| it.attempt == attempt) {
            Some(before) => before.is_permitted &= is_permitted,
            None => {
                let tried = Tried {
                    attempt,
                    is_permitted,
                };
                left.cut.attempts |= add(ATTEMPTS_MAX, &mut left.tried, tried);
            }
        }
    }

    pub(super) fn note_line(&self, line: LogLine) {
        let left = &mut *self.lock();
        left.cut.lines |= add(LINES_MAX, &mut left.lines, line);
    }

    /// Notes that there were lines for which the call or the plugin had no room any more.
    pub(super) fn note_lost_lines(&self) {
        self.lock().cut.lines = true;
    }

    pub(super) fn note_event(&self, event: Event) {
        let left = &mut *self.lock();
        left.cut.events |= add(EVENTS_MAX, &mut left.events, event);
    }

    fn lock(&self) -> MutexGuard<'_, Left> {
        // Each change adds one whole thing, so a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds to a list where there is room. True when there is none.
fn add<T>(max: usize, list: &mut Vec<T>, thing: T) -> bool {
    let is_full = list.len() >= max;
    if !is_full {
        list.push(thing);
    }
    is_full
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::HttpAttempt;

    fn request(n: usize) -> Attempt {
        Attempt::Http(HttpAttempt::new("GET", &format!("https://example.com/{n}")).unwrap())
    }

    #[test]
    fn an_attempt_is_remembered_once_and_a_refusal_stays() {
        let trail = Trail::default();
        for (n, is_permitted) in [(1, true), (2, false), (1, true), (2, true), (1, false)] {
            trail.note_attempt(request(n), is_permitted);
        }
        let tried = |n, is_permitted| Tried {
            attempt: request(n),
            is_permitted,
        };
        assert_eq!(trail.tried(), [tried(1, false), tried(2, false)]);
        assert_eq!(trail.cut(), Cut::default());
    }

    #[test]
    fn a_guest_that_tries_a_lot_fills_no_memory_and_it_shows() {
        let trail = Trail::default();
        for n in 0..2 * ATTEMPTS_MAX {
            trail.note_attempt(request(n), false);
        }
        assert_eq!(trail.tried().len(), ATTEMPTS_MAX);
        let attempts = Cut {
            attempts: true,
            ..Cut::default()
        };
        assert_eq!(trail.cut(), attempts);
    }
}
