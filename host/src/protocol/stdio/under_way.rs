//! The requests that have no answer yet.

use std::collections::HashMap;

use rmcp::model::RequestId;

/// Requests of one client that are under way at one time. No client knows what to do with so many answers.
const REQUESTS_MAX: usize = 4_096;

/// Bytes of all of them together: four of the longest messages.
const BYTES_MAX: usize = 64 << 20;

/// The requests under way, each with the length of its line.
///
/// What goes beyond the bounds is refused and not left unread: a call may be waiting for a word of the client that stands
/// behind it.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    requests: HashMap<RequestId, usize>,
    n_bytes: usize,
}

/// More is asked than can be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {REQUESTS_MAX} requests or {BYTES_MAX} bytes of them are under way")]
pub(super) struct TooMuch;

impl UnderWay {
    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// A request has come. One with the id of another takes its place, since there will be one answer.
    pub(super) fn begin(&mut self, id: &RequestId, n_bytes: usize) -> Result<(), TooMuch> {
        // A single request is never too much.
        let is_full = self.requests.len() >= REQUESTS_MAX || self.n_bytes + n_bytes > BYTES_MAX;
        if is_full && !self.requests.is_empty() {
            return Err(TooMuch);
        }
        self.end(id);
        self.requests.insert(id.clone(), n_bytes);
        self.n_bytes += n_bytes;
        Ok(())
    }

    /// A request is answered, or will never be.
    pub(super) fn end(&mut self, id: &RequestId) {
        if let Some(n_bytes) = self.requests.remove(id) {
            self.n_bytes -= n_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_bounded_in_number_and_in_bytes() {
        let mut under_way = UnderWay::default();
        for n in 0..REQUESTS_MAX as i64 {
            assert_eq!(under_way.begin(&RequestId::Number(n), 1), Ok(()));
        }
        assert_eq!(under_way.begin(&RequestId::Number(-1), 1), Err(TooMuch));
        under_way.end(&RequestId::Number(5));
        assert_eq!(
            under_way.begin(&RequestId::Number(-1), BYTES_MAX),
            Err(TooMuch)
        );
        assert_eq!(under_way.begin(&RequestId::Number(-1), 1), Ok(()));
    }

    #[test]
    fn a_request_counts_until_its_end_and_once() {
        let mut under_way = UnderWay::default();
        let id = RequestId::Number(1);
        assert_eq!(under_way.begin(&id, BYTES_MAX), Ok(()));
        under_way.end(&id);
        under_way.end(&id);
        assert!(under_way.is_empty());
        assert_eq!(under_way.begin(&id, BYTES_MAX / 2), Ok(()));
        assert_eq!(under_way.begin(&id, BYTES_MAX / 2), Ok(()));
        assert_eq!(under_way.n_bytes, BYTES_MAX / 2);
        assert_eq!(
            under_way.begin(&RequestId::Number(2), BYTES_MAX / 2),
            Ok(())
        );
    }
}
