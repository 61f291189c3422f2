//! What happened during one call, however many visits to the plugin it took.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::contract::Event;
use crate::host::{Seen, Witness};
use crate::runtime::{Cut, LogLine, Tried, Usage};

/// Takes notes of all visits since the last page was torn out.
#[derive(Debug, Default)]
pub(super) struct Notebook(Mutex<Page>);

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) n_visits: u32,
    pub(super) usage: Usage,
    pub(super) tried: Vec<Tried>,
    pub(super) log: Vec<LogLine>,
    pub(super) events: Vec<Event>,
    pub(super) cut: Cut,
}

impl Notebook {
    /// What happened since this was asked last.
    pub(super) fn take_page(&self) -> Page {
        std::mem::take(&mut self.page())
    }

    /// Visits since the last page was torn out.
    pub(super) fn n_visits(&self) -> u32 {
        self.page().n_visits
    }

    fn page(&self) -> MutexGuard<'_, Page> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Witness for Notebook {
    fn see(&self, seen: &Seen<'_>) {
        let mut page = self.page();
        page.n_visits += u32::from(seen.was_reached);
        page.usage = sum(page.usage, seen.usage);
        for tried in seen.trail.tried() {
            match page.tried.iter_mut().find(|it| it.attempt == tried.attempt) {
                Some(before) => before.is_permitted &= tried.is_permitted,
                None => page.tried.push(tried),
            }
        }
        page.log.extend(seen.trail.lines());
        page.events.extend(seen.trail.events());
        page.cut |= seen.trail.cut();
    }
}

fn sum(a: Usage, b: Usage) -> Usage {
    Usage {
        fuel: a.fuel.saturating_add(b.fuel),
        wall_us: a.wall_us.saturating_add(b.wall_us),
        cpu_us: a.cpu_us.saturating_add(b.cpu_us),
        // One instance after the other, each with a memory of its own.
        memory_bytes: a.memory_bytes.max(b.memory_bytes),
        host_calls: a.host_calls.saturating_add(b.host_calls),
        bytes_sent: a.bytes_sent.saturating_add(b.bytes_sent),
        bytes_received: a.bytes_received.saturating_add(b.bytes_received),
    }
}
