//! Where what happens is shown: in words for a person, or as one JSON object per line for a program.
//!
//! A thread of its own writes, so that a terminal that stands still keeps no call waiting.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anstream::AutoStream;

use super::event::Event;
use super::words;

/// Events that wait to be shown. When there are more, a person has lost track long ago.
const WAITING_MAX: usize = 1_000;

/// How long the end of the program waits for a terminal that stands still.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// How and where events are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// In words, on standard output.
    Words,
    /// In words, on standard error: standard output belongs to MCP.
    WordsAside,
    /// As JSON, on standard output.
    Json,
    /// As JSON, on standard error.
    JsonAside,
}

/// Where events are shown. Cheap to clone.
#[derive(Clone)]
pub struct Screen(Arc<Inner>);

struct Inner {
    /// None once it is closed.
    events: Mutex<Option<SyncSender<(Instant, Event)>>>,
    left_out: AtomicU64,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Screen {
    /// Begins to show.
    pub fn start(look: Look) -> Self {
        let (events, waiting) = sync_channel(WAITING_MAX);
        let writer = std::thread::spawn(move || write_all(look, &waiting));
        Self(Arc::new(Inner {
            events: Mutex::new(Some(events)),
            left_out: AtomicU64::new(0),
            writer: Mutex::new(Some(writer)),
        }))
    }

    /// Shows an event. Never waits: one that has no room is counted.
    pub fn tell(&self, event: Event) {
        let events = self.0.events.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(events) = events.as_ref() else {
            return;
        };
        let left_out = self.0.left_out.swap(0, Ordering::Relaxed);
        let mut lost = left_out;
        if left_out > 0
            && events
                .try_send((Instant::now(), Event::LeftOut { count: left_out }))
                .is_ok()
        {
            lost = 0;
        }
        lost += u64::from(events.try_send((Instant::now(), event)).is_err());
        if lost > 0 {
            self.0.left_out.fetch_add(lost, Ordering::Relaxed);
        }
    }

    /// Shows what waits, and nothing from then on.
    pub async fn close(&self) {
        let events = &self.0.events;
        drop(events.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self
            .0
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            let written = tokio::task::spawn_blocking(move || writer.join());
            // One that stands still is left as it is.
            let _ = tokio::time::timeout(CLOSE_WAIT, written).await;
        }
    }
}

fn write_all(look: Look, waiting: &Receiver<(Instant, Event)>) {
    let began = Instant::now();
    let show = |at: Instant, event: &Event| -> io::Result<()> {
        match look {
            Look::Words => {
                let text = words::of(event, at.saturating_duration_since(began));
                AutoStream::auto(io::stdout().lock()).write_all(text.as_bytes())
            }
            Look::WordsAside => {
                let text = words::of(event, at.saturating_duration_since(began));
                AutoStream::auto(io::stderr().lock()).write_all(text.as_bytes())
            }
            Look::Json => write_line(io::stdout().lock(), event),
            Look::JsonAside => write_line(io::stderr().lock(), event),
        }
    };
    // A reader that went away, such as `head`, does not end the service; nobody is told anything then.
    while let Ok((at, event)) = waiting.recv() {
        let _ = show(at, &event);
    }
}

fn write_line(mut to: impl Write, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}
