//! Messages on their way out. They wait together, and as many as wait leave in one write.
//!
//! A write wakes the client, and a client that was woken for one answer asks for one thing more: written one by one, answers
//! turn a hundred calls at once into a hundred times one call. So while other calls are under way, a task of its own writes,
//! and lets whoever is ready to run go first. When nothing is under way, whoever adds a message writes it at once.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use futures::task::AtomicWaker;
use serde::Serialize;
use tokio::io::AsyncWrite;
use tokio::sync::Notify;

/// Bytes that may wait for a client that does not read. It is as much as one message may have; then nothing more is taken
/// from the client until it reads.
const WAITING_BYTES_MAX: usize = 16 << 20;

/// Bytes with which a write is not put off any longer: what a pipe holds on Linux.
const WRITE_BYTES: usize = 64 << 10;

/// Memory kept for messages when none waits. A longer list or file is rare, and its memory is given back.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// What waits for the client. Clones are the same.
pub(super) struct Outbox<W>(Arc<Shared<W>>);

impl<W> Clone for Outbox<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Shared<W> {
    queue: Mutex<Queue<W>>,
    bell: Arc<Bell>,
}

/// Wakes everybody who waits for the client to read. A stream remembers only the last who asked.
#[derive(Default)]
struct Bell {
    reader: AtomicWaker,
    writer: AtomicWaker,
    senders: Notify,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.reader.wake();
        self.writer.wake();
        self.senders.notify_waiters();
    }
}

struct Queue<W> {
    output: W,
    bytes: Vec<u8>,
    /// So many of `bytes` are written.
    n_written: usize,
    n_messages: usize,
    is_flushed: bool,
    /// Whether the task that reads from the client wants to know when there is room again.
    is_reader_waiting: bool,
    /// Why nothing can be written any more.
    failure: Option<io::ErrorKind>,
    bell: Waker,
}

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Messages that are not written to their end.
    pub(super) n_messages: usize,
    /// Bytes that are not written.
    pub(super) n_bytes: usize,
}

impl Waiting {
    /// Whether more may be added without a look at how fast the client reads.
    pub(super) fn is_roomy(self) -> bool {
        self.n_bytes <= WAITING_BYTES_MAX
    }
}

/// What somebody who sent a message waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// There is room for more, and somebody else sees to it that it is written.
    Room,
    /// Everything is written.
    Written,
}

impl<W: AsyncWrite + Unpin> Outbox<W> {
    /// An outbox before this stream.
    pub(super) fn new(output: W) -> Self {
        let bell = Arc::new(Bell::default());
        let queue = Queue {
            output,
            bytes: Vec::new(),
            n_written: 0,
            n_messages: 0,
            is_flushed: true,
            is_reader_waiting: false,
            failure: None,
            bell: bell.clone().into(),
        };
        Self(Arc::new(Shared {
            queue: Mutex::new(queue),
            bell,
        }))
    }

    /// Adds a message behind all others. Whoever adds it sees to its being written.
    pub(super) fn push(&self, message: &impl Serialize) -> io::Result<()> {
        self.queue().push(message)
    }

    /// Has the task that runs [`Self::write`] look.
    pub(super) fn wake_writer(&self) {
        self.0.bell.writer.wake();
    }

    /// Writes what others add, in a task of its own, for as long as it is let.
    pub(super) async fn write(self) {
        let mut n_seen = 0;
        poll_fn(|cx| self.poll_write_later(cx, &mut n_seen)).await
    }

    /// Takes another turn, behind everybody who is ready to run, for as long as that brings more to write.
    fn poll_write_later(&self, cx: &mut Context<'_>, n_seen: &mut usize) -> Poll<()> {
        self.0.bell.writer.register(cx.waker());
        let mut queue = self.queue();
        let Waiting {
            n_messages,
            n_bytes,
        } = queue.waiting();
        if n_messages > *n_seen && n_bytes < WRITE_BYTES {
            *n_seen = n_messages;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        *n_seen = 0;
        // What it failed of is told to whoever sends next.
        let _ = queue.poll_written();
        let is_roomy = queue.waiting().is_roomy();
        if is_roomy && std::mem::take(&mut queue.is_reader_waiting) {
            self.0.bell.reader.wake();
        }
        drop(queue);
        if is_roomy {
            self.0.bell.senders.notify_waiters();
        }
        Poll::Pending
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> Waiting {
        self.queue().waiting()
    }

    /// Whether nothing can be written any more.
    pub(super) fn is_broken(&self) -> bool {
        self.queue().failure.is_some()
    }

    /// Writes what waits, for the task that reads from the client.
    pub(super) fn poll_written(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Registered first, so that it is not missed when the client reads meanwhile.
        self.0.bell.reader.register(cx.waker());
        let mut queue = self.queue();
        let outcome = queue.poll_written();
        queue.is_reader_waiting = outcome.is_pending();
        drop(queue);
        self.0.bell.senders.notify_waiters();
        outcome
    }

    /// Comes back when what was sent can be left alone.
    pub(super) async fn settle(&self, until: Until) -> io::Result<()> {
        loop {
            let mut rung = pin!(self.0.bell.senders.notified());
            // From here on no ring is missed.
            rung.as_mut().enable();
            if let Some(outcome) = self.try_settle(until) {
                return outcome;
            }
            rung.await;
        }
    }

    fn try_settle(&self, until: Until) -> Option<io::Result<()>> {
        let mut queue = self.queue();
        if until == Until::Room && queue.waiting().is_roomy() {
            return Some(queue.alive());
        }
        let outcome = queue.poll_written();
        let is_settled = outcome.is_ready() || (until == Until::Room && queue.waiting().is_roomy());
        if is_settled && std::mem::take(&mut queue.is_reader_waiting) {
            self.0.bell.reader.wake();
        }
        match outcome {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => is_settled.then_some(Ok(())),
        }
    }

    /// Ends the stream.
    pub(super) async fn shut_down(&self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut self.queue().output).poll_shutdown(cx)).await
    }

    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        // A queue is not left half changed by a panic.
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: AsyncWrite + Unpin> Queue<W> {
    fn push(&mut self, message: &impl Serialize) -> io::Result<()> {
        self.alive()?;
        let n_bytes = self.bytes.len();
        if let Err(error) = serde_json::to_writer(&mut self.bytes, message) {
            self.bytes.truncate(n_bytes);
            return Err(error.into());
        }
        self.bytes.push(b'\n');
        if self.n_written > WRITE_BYTES.max(self.bytes.len() / 2) {
            self.bytes.drain(..self.n_written);
            self.n_written = 0;
        }
        self.n_messages += 1;
        self.is_flushed = false;
        Ok(())
    }

    fn waiting(&self) -> Waiting {
        Waiting {
            n_messages: self.n_messages,
            n_bytes: self.bytes.len() - self.n_written,
        }
    }

    fn alive(&self) -> io::Result<()> {
        self.failure.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn poll_written(&mut self) -> Poll<io::Result<()>> {
        self.alive()?;
        let outcome = ready!(self.poll_output());
        if let Err(error) = &outcome {
            self.failure = Some(error.kind());
            self.forget();
        }
        Poll::Ready(outcome)
    }

    fn poll_output(&mut self) -> Poll<io::Result<()>> {
        let bell = self.bell.clone();
        let mut cx = Context::from_waker(&bell);
        while self.n_written < self.bytes.len() {
            let rest = &self.bytes[self.n_written..];
            match ready!(Pin::new(&mut self.output).poll_write(&mut cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n_bytes => self.n_written += n_bytes,
            }
        }
        if !self.is_flushed {
            self.forget();
            ready!(Pin::new(&mut self.output).poll_flush(&mut cx))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    fn forget(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES_MAX);
        self.n_written = 0;
        self.n_messages = 0;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, DuplexStream};

    use super::*;

    /// A stream that notes how much it is given at once.
    struct Noted {
        stream: DuplexStream,
        writes: Arc<Mutex<Vec<usize>>>,
    }

    impl AsyncWrite for Noted {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let n_bytes = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
            self.writes.lock().expect("nobody panics").push(n_bytes);
            Poll::Ready(Ok(n_bytes))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.stream).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.stream).poll_shutdown(cx)
        }
    }

    fn outbox(pipe_bytes: usize) -> (Outbox<Noted>, DuplexStream, Arc<Mutex<Vec<usize>>>) {
        let (ours, theirs) = tokio::io::duplex(pipe_bytes);
        let writes = Arc::new(Mutex::new(Vec::new()));
        let noted = Noted {
            stream: ours,
            writes: writes.clone(),
        };
        (Outbox::new(noted), theirs, writes)
    }

    #[tokio::test]
    async fn what_is_ready_together_leaves_in_one_write_and_in_order() {
        let (outbox, mut client, writes) = outbox(4_096);
        let writer = tokio::spawn(outbox.clone().write());
        for n in 0..10 {
            let outbox = outbox.clone();
            tokio::spawn(async move {
                outbox.push(&n).expect("the client is there");
                outbox.wake_writer();
            });
        }
        let mut read = [0; 20];
        client.read_exact(&mut read).await.expect("it is written");
        assert_eq!(&read, b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        assert_eq!(*writes.lock().expect("nobody panics"), [20]);
        writer.abort();
    }

    #[tokio::test]
    async fn a_sender_waits_while_too_much_waits_and_goes_on_when_the_client_reads() {
        let (outbox, mut client, _) = outbox(64);
        let long = "x".repeat(WAITING_BYTES_MAX + 1_024);
        outbox.push(&long).expect("the client is there");
        let mut settled = pin!(outbox.settle(Until::Room));
        assert!(settled.as_mut().now_or_never().is_none());
        let mut read = vec![0; 1_024];
        let reading = async { client.read_exact(&mut read).await.expect("it is written") };
        let (settled, _) = tokio::join!(settled, reading);
        settled.expect("the client is there");
        assert!(outbox.waiting().is_roomy());
    }

    #[tokio::test]
    async fn memory_does_not_grow_with_what_was_written_before() {
        let (outbox, mut client, _) = outbox(WRITE_BYTES);
        let message = "x".repeat(WRITE_BYTES);
        let mut read = vec![0; message.len() + 3];
        // More is added than the pipe holds, so there is always something that is not written yet.
        for _ in 0..3 {
            outbox.push(&message).expect("the client is there");
        }
        for _ in 0..200 {
            outbox.push(&message).expect("the client is there");
            tokio::select! {
                read = client.read_exact(&mut read) => { read.expect("it is written"); }
                _ = outbox.settle(Until::Written) => panic!("there is always more"),
            }
        }
        assert!(outbox.queue().bytes.capacity() <= 4 * KEPT_BYTES_MAX);
    }

    #[tokio::test]
    async fn a_client_that_is_gone_breaks_the_outbox() {
        let (outbox, client, _) = outbox(64);
        drop(client);
        outbox.push(&1).expect("it is not known yet");
        assert!(outbox.settle(Until::Written).await.is_err());
        assert!(outbox.is_broken() && outbox.push(&2).is_err());
    }
}
