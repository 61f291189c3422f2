//! A stream into a file, each write of which passes through the file's place and its quota.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::storage::{Place, Refusal};

/// Bytes in one write: as many as wasmtime's own streams take.
const WRITE_BYTES_MAX: usize = 64 << 10;

/// Where the next write goes.
#[derive(Clone, Copy)]
pub(super) enum Position {
    At(u64),
    End,
}

/// A stream into a file.
pub(super) struct FileOutput {
    place: Arc<Place>,
    file: Arc<File>,
    position: Position,
    state: State,
}

enum State {
    Ready,
    Writing(JoinHandle<Result<u64, Refusal>>),
    Failed(Refusal),
    Closed,
}

impl FileOutput {
    pub(super) fn new(place: Arc<Place>, file: Arc<File>, position: Position) -> Self {
        Self {
            place,
            file,
            position,
            state: State::Ready,
        }
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for FileOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if self.check_write()? < bytes.len() {
            return Err(StreamError::trap("a write was longer than permitted"));
        }
        let (place, file, position) = (self.place.clone(), self.file.clone(), self.position);
        self.state = State::Writing(spawn_blocking(move || match position {
            Position::At(offset) => place.write_at(&file, &bytes, offset),
            Position::End => place.append(&file, &bytes),
        }));
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        // Nothing is kept back, so there is only an error to tell.
        self.check_write().map(|_| ())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        match &self.state {
            State::Ready => return Ok(WRITE_BYTES_MAX),
            State::Writing(_) => return Ok(0),
            State::Failed(_) | State::Closed => {}
        }
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Failed(refusal) => Err(StreamError::LastOperationFailed(refusal.into())),
            _ => Err(StreamError::Closed),
        }
    }

    async fn cancel(&mut self) {
        // A write that was begun is finished, so that guests cannot pile them up.
        self.ready().await;
        self.state = State::Closed;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileOutput {
    async fn ready(&mut self) {
        let State::Writing(work) = &mut self.state else {
            return;
        };
        self.state = match work.await {
            Ok(Ok(written)) => {
                if let Position::At(offset) = &mut self.position {
                    *offset = offset.saturating_add(written);
                }
                State::Ready
            }
            Ok(Err(refusal)) => State::Failed(refusal),
            Err(error) => State::Failed(Refusal::Io(std::io::Error::other(error))),
        };
    }
}
