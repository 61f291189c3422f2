//! What one call has sent and received.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Refusal;

/// Counts what one call uses of the way out.
#[derive(Debug, Default)]
pub(super) struct Tally {
    requests: AtomicU64,
    sent_bytes: AtomicU64,
    received_bytes: AtomicU64,
}

/// What a call has used of the way out, so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests it made, refused ones included.
    pub requests: u64,
    /// Bytes of the heads and bodies of its requests.
    pub sent_bytes: u64,
    /// Bytes of the bodies of its responses.
    pub received_bytes: u64,
}

impl Tally {
    /// Takes one of the requests the call may make.
    pub(super) fn take_request(&self, allowed: u64) -> Result<(), Refusal> {
        let limit = "http_requests";
        add_within(&self.requests, 1, allowed).ok_or(Refusal::TooMany { limit, allowed })
    }

    /// Takes bytes of the width of the way out.
    pub(super) fn take_sent(&self, bytes: usize, allowed: u64) -> Result<(), Refusal> {
        let limit = "outbound_bytes";
        add_within(&self.sent_bytes, bytes as u64, allowed)
            .ok_or(Refusal::TooLarge { limit, allowed })
    }

    pub(super) fn note_received(&self, bytes: usize) {
        self.received_bytes
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests.load(Ordering::Relaxed),
            sent_bytes: self.sent_bytes.load(Ordering::Relaxed),
            received_bytes: self.received_bytes.load(Ordering::Relaxed),
        }
    }
}

/// Adds when the sum stays within `allowed`, also when several requests add at one time.
fn add_within(sum: &AtomicU64, more: u64, allowed: u64) -> Option<()> {
    let added = sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| {
        sum.checked_add(more).filter(|sum| *sum <= allowed)
    });
    added.ok().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_sends_as_much_as_it_may_and_no_byte_more() {
        let tally = Tally::default();
        assert!(tally.take_sent(60, 100).is_ok());
        assert!(tally.take_sent(41, 100).is_err());
        assert!(tally.take_sent(40, 100).is_ok());
        assert!(tally.take_sent(1, 100).is_err());
        assert!(tally.take_request(1).is_ok());
        assert!(tally.take_request(1).is_err());
        assert_eq!(tally.traffic().sent_bytes, 100);
        assert_eq!(tally.traffic().requests, 1);
    }
}
