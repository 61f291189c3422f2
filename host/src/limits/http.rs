//! The bounds of serving MCP over HTTP. Clients there may be anybody, so each of them is on by default.

/// What clients over HTTP may use of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// Bytes of one request's body. A client may send a picture along; what is larger is a resource of its own.
    pub body_bytes: u64,
    /// Connections at one time. One that does nothing costs a descriptor, of which a process has a thousand.
    pub connections: u64,
    /// Requests that are being answered at one time. Each may hold a body in memory.
    pub requests: u64,
    /// Streams that are open at one time to tell of changes. A client needs one.
    pub streams: u64,
    /// Sessions of clients of revision 2025-11-25 and older. Each costs some tasks and a few kilobytes.
    pub sessions: u64,
    /// Milliseconds after which a session that says nothing ends. A person may be away for half an hour; the client opens
    /// another one then by itself.
    pub session_idle_ms: u64,
    /// Milliseconds for the head of a request, and for the next one on a connection that is kept.
    pub header_ms: u64,
    /// Milliseconds for the body of a request. The largest one needs a megabit per second for it.
    pub body_ms: u64,
    /// Milliseconds for calls to end when the host is told to. Supervisors kill a process after ten seconds or more.
    pub drain_ms: u64,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body_bytes: 4 << 20,
            connections: 512,
            requests: 64,
            streams: 128,
            sessions: 128,
            session_idle_ms: 1_800_000,
            header_ms: 10_000,
            body_ms: 30_000,
            drain_ms: 8_000,
        }
    }
}

impl HttpLimits {
    /// Every bound by its key, to be read and written.
    pub fn entries_mut(&mut self) -> [(&'static str, &mut u64); 9] {
        [
            ("body_bytes", &mut self.body_bytes),
            ("connections", &mut self.connections),
            ("requests", &mut self.requests),
            ("streams", &mut self.streams),
            ("sessions", &mut self.sessions),
            ("session_idle_ms", &mut self.session_idle_ms),
            ("header_ms", &mut self.header_ms),
            ("body_ms", &mut self.body_ms),
            ("drain_ms", &mut self.drain_ms),
        ]
    }
}
