//! Bodies, each no longer than it may be: the guest's on its way out, the server's on its way in.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep};

use super::connect::Place;
use super::tally::Tally;
use super::{Refusal, Wait};

/// How long a guest whose request was refused may still write its body, in which time it does not look at the answer.
const DRAIN_WAIT: Duration = Duration::from_secs(5);

/// A guest's request body, counted.
pub(super) struct RequestBody<B> {
    pub(super) body: B,
    pub(super) left: u64,
    pub(super) request_bytes: u64,
    pub(super) outbound_bytes: u64,
    pub(super) tally: Arc<Tally>,
    /// Told when the body has been sent, or will not be sent any further.
    pub(super) sent: Arc<Notify>,
    /// Why it was not sent to its end, for whoever sees only that the connection broke.
    pub(super) spoiled: Arc<OnceLock<Refusal>>,
}

impl<B> RequestBody<B> {
    fn account(&mut self, bytes: usize) -> Result<(), Refusal> {
        let left = self.left.checked_sub(bytes as u64);
        self.left = left.ok_or(Refusal::TooLarge {
            limit: "request_bytes",
            allowed: self.request_bytes,
        })?;
        self.tally.take_sent(bytes, self.outbound_bytes)
    }

    fn spoil<T>(&self, refusal: Refusal) -> Poll<Option<Result<T, Refusal>>> {
        // The first reason is the true one.
        let _ = self.spoiled.set(refusal.clone());
        Poll::Ready(Some(Err(refusal)))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = Refusal;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Refusal>>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => None,
                Some(Ok(frame)) => Some(frame),
                Some(Err(_)) => {
                    return self.spoil(Refusal::Protocol("the request was broken off".to_owned()));
                }
            };
            // Trailers are fields that nobody has looked at, so they end the body and are not sent.
            let Some(Ok(data)) = frame.map(Frame::into_data) else {
                self.sent.notify_one();
                return Poll::Ready(None);
            };
            if let Err(refusal) = self.account(data.len()) {
                return self.spoil(refusal);
            }
            // An empty piece is no piece: it would be framed and sent.
            if !data.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for RequestBody<B> {
    fn drop(&mut self) {
        self.sent.notify_one();
    }
}

/// Reads a refused request's body to its end, within bounds. A guest that is still writing would otherwise see a broken
/// stream before it sees the refusal.
pub fn drain<B>(mut body: B, bytes_max: u64)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(async move {
        let mut left = bytes_max;
        let reading = async {
            while let Some(Ok(frame)) = body.frame().await {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let Some(rest) = left.checked_sub(bytes as u64) else {
                    return;
                };
                left = rest;
            }
        };
        // Whether it ended or its time did makes no difference: the body is dropped.
        let _ = tokio::time::timeout(DRAIN_WAIT, reading).await;
    });
}

/// A connection that a response comes over. Dropping it ends it, and gives its place to the next one.
pub(super) struct Connection {
    pub(super) driver: JoinHandle<()>,
    pub(super) _place: Place,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The body of a response. It ends in a [`Refusal`] when it is too long or takes too long, and the connection ends with it.
pub struct ResponseBody {
    pub(super) body: hyper::body::Incoming,
    pub(super) left: u64,
    pub(super) response_bytes: u64,
    pub(super) tally: Arc<Tally>,
    pub(super) deadline: Pin<Box<Sleep>>,
    /// How long to wait for each piece, and until when for the next one.
    pub(super) between: Option<(Duration, Pin<Box<Sleep>>)>,
    pub(super) connection: Option<Connection>,
    pub(super) spoiled: Arc<OnceLock<Refusal>>,
}

impl ResponseBody {
    /// Lets the connection go when there is nothing more to come.
    pub(super) fn settled(mut self) -> Self {
        if self.body.is_end_stream() {
            self.connection = None;
        }
        self
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Refusal>>> {
        // First of all, so that a server that always has one more byte ends as well.
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Refusal::Timeout(Wait::End))));
        }
        let frame = match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                if let Some((_, until)) = &mut self.between
                    && until.as_mut().poll(cx).is_ready()
                {
                    return Poll::Ready(Some(Err(Refusal::Timeout(Wait::NextBytes))));
                }
                return Poll::Pending;
            }
        };
        let Some(frame) = frame else {
            return Poll::Ready(None);
        };
        let frame = frame.map_err(|error| match self.spoiled.get() {
            Some(refusal) => refusal.clone(),
            None => Refusal::Protocol(error.to_string()),
        });
        Poll::Ready(Some(frame.and_then(|frame| self.account(frame))))
    }

    fn account(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, Refusal> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.tally.note_received(bytes);
        let left = self.left.checked_sub(bytes as u64);
        self.left = left.ok_or(Refusal::TooLarge {
            limit: "response_bytes",
            allowed: self.response_bytes,
        })?;
        if let Some((patience, until)) = &mut self.between {
            until.as_mut().reset(Instant::now() + *patience);
        }
        Ok(frame)
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Refusal;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Refusal>>> {
        let next = ready!(self.next(cx));
        if matches!(next, None | Some(Err(_))) || self.body.is_end_stream() {
            self.connection = None;
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
