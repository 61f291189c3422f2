//! Lines as the library's transport: what is read, what is under way, what is written, and how it ends.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::lines::{Line, Lines};
use super::message;
use super::outbox::{Outbox, Until};
use super::refusal::{Refusal, Refusals};
use super::under_way::UnderWay;

/// Bytes of one message from a client. A client may send a file along; longer lines are refused, and are not kept in
/// memory while they come.
const LINE_BYTES_MAX: usize = 16 << 20;

/// Time for what is under way when the input has ended. Whoever pipes requests in still reads the answers; whoever closed
/// the window does not wait for them.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Time for a client to read the rest when all is said.
const LAST_WRITE: Duration = Duration::from_secs(2);

/// Two ends of a conversation.
pub(super) struct LineTransport<R, W> {
    input: R,
    lines: Lines,
    outbox: Outbox<W>,
    /// Writes what the outbox holds while requests are under way.
    _writer: AbortOnDropHandle<()>,
    under_way: UnderWay,
    refusals: Refusals,
    ending: Ending,
    /// Set once the input has ended.
    last_words: Option<Pin<Box<Sleep>>>,
}

/// Whom the end of the input concerns.
pub(super) struct Ending {
    /// Fired at the end, so that open subscriptions say their last word.
    pub(super) closing: CancellationToken,
    /// Fired when the time after the end is over, to give up what is still under way.
    pub(super) stop: CancellationToken,
}

impl<R, W> LineTransport<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// A conversation over these streams. Begins a task, so it must be called within a runtime.
    pub(super) fn new(input: R, output: W, ending: Ending) -> Self {
        let outbox = Outbox::new(output);
        let writer = tokio::spawn(outbox.clone().write());
        Self {
            input,
            lines: Lines::new(LINE_BYTES_MAX),
            outbox,
            _writer: AbortOnDropHandle::new(writer),
            under_way: UnderWay::default(),
            refusals: Refusals::default(),
            ending,
            last_words: None,
        }
    }

    /// The next message, or the end. May be dropped and begun again at any time: nothing is kept in it.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<ClientJsonRpcMessage>> {
        loop {
            // The client does not read any more, so nobody waits for what it asks.
            if self.outbox.is_broken() {
                return Poll::Ready(None);
            }
            if self.must_write() {
                match self.outbox.poll_written(cx) {
                    Poll::Ready(Err(_)) => return Poll::Ready(None),
                    Poll::Ready(Ok(())) => {}
                    Poll::Pending if self.outbox.waiting().is_roomy() => {}
                    Poll::Pending => return Poll::Pending,
                }
            }
            if self.last_words.is_some() {
                return self.poll_end(cx);
            }
            match self.lines.next().map(read) {
                Some(Read::Message(message, n_bytes)) => {
                    self.refusals.forget();
                    if let Some(message) = self.note(message, n_bytes) {
                        return Poll::Ready(Some(message));
                    }
                }
                Some(Read::Nothing) => {}
                Some(Read::Bad(refusal)) => self.refuse(refusal),
                None => match ready!(self.lines.poll_fill(&mut self.input, cx)) {
                    Ok(true) => {}
                    // A client that was killed may leave an error behind, and is as gone as any.
                    Ok(false) | Err(_) => self.begin_to_end(),
                },
            }
        }
    }

    /// Whether it is for this task to write: nothing is under way that could add to it, or there is too much to go on.
    fn must_write(&self) -> bool {
        let waiting = self.outbox.waiting();
        let is_last = self.under_way.is_empty() || self.last_words.is_some();
        waiting.n_messages > 0 && (is_last || !waiting.is_roomy())
    }

    /// Remembers what the message begins or ends. `None` when it is not to be served.
    fn note(
        &mut self,
        message: ClientJsonRpcMessage,
        n_bytes: usize,
    ) -> Option<ClientJsonRpcMessage> {
        match &message {
            JsonRpcMessage::Request(request) => {
                if let Err(too_much) = self.under_way.begin(&request.id, n_bytes) {
                    self.refuse(Refusal::too_much(request.id.clone(), too_much));
                    return None;
                }
            }
            JsonRpcMessage::Notification(notification) => {
                // There will be no answer to what was cancelled.
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.under_way.end(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
        Some(message)
    }

    fn refuse(&mut self, refusal: Refusal) {
        if let Some(answer) = self.refusals.answer(refusal) {
            // It fails when the client has gone, which the next write finds as well.
            let _ = self.push(&answer);
        }
    }

    fn push(&mut self, message: &ServerJsonRpcMessage) -> io::Result<()> {
        let pushed = self.outbox.push(message);
        if !self.under_way.is_empty() {
            self.outbox.wake_writer();
        }
        pushed
    }

    fn begin_to_end(&mut self) {
        self.ending.closing.cancel();
        self.last_words = Some(Box::pin(tokio::time::sleep(LAST_WORDS)));
    }

    /// The end is kept back until all is answered. The library, once it knows, serves neither the notifications a call may
    /// wait for nor a subscription's last word.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<ClientJsonRpcMessage>> {
        if self.under_way.is_empty() && self.outbox.waiting().n_messages == 0 {
            return Poll::Ready(None);
        }
        if let Some(last_words) = &mut self.last_words {
            ready!(last_words.as_mut().poll(cx));
        }
        // Told of the end instead, the library would wait once more for what has had its time.
        self.ending.stop.cancel();
        Poll::Pending
    }
}

impl<R, W> Transport<RoleServer> for LineTransport<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let answered = match &message {
            JsonRpcMessage::Response(response) => Some(&response.id),
            JsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        if let Some(id) = answered {
            self.under_way.end(id);
        }
        // Added here and not when the future runs, so that messages go out in the order in which they were sent.
        let pushed = self.push(&message);
        let until = if self.under_way.is_empty() {
            Until::Written
        } else {
            Until::Room
        };
        let outbox = self.outbox.clone();
        async move {
            pushed?;
            outbox.settle(until).await
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        poll_fn(|cx| self.poll_receive(cx)).await
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        let rest = async {
            self.outbox.settle(Until::Written).await?;
            self.outbox.shut_down().await
        };
        match tokio::time::timeout(LAST_WRITE, rest).await {
            Ok(outcome) => outcome,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// What a line turned out to be.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and a box would be an allocation for each message"
)]
enum Read {
    /// A message, and how long its line was.
    Message(ClientJsonRpcMessage, usize),
    /// Nothing that anybody waits for an answer to.
    Nothing,
    Bad(Refusal),
}

/// A text may begin with this mark, which says nothing.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

fn read(line: Line<'_>) -> Read {
    let line = match line {
        Line::Whole(line) => line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line),
        Line::TooLong(head) => return Read::from(Refusal::too_long(head, LINE_BYTES_MAX)),
    };
    if line.trim_ascii().is_empty() {
        return Read::Nothing;
    }
    let Ok(text) = std::str::from_utf8(line) else {
        return Read::Bad(Refusal::not_text());
    };
    match message::parse(text) {
        Ok(message) => Read::Message(message, text.len()),
        Err(wrong) => Read::from(Refusal::not_a_message(text, &wrong)),
    }
}

impl From<Option<Refusal>> for Read {
    fn from(refusal: Option<Refusal>) -> Self {
        refusal.map_or(Self::Nothing, Self::Bad)
    }
}
