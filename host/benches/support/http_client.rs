//! A client over HTTP that costs next to nothing: one connection, one request after the other, and no more of the protocol
//! than the servers at hand speak.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A connection to a server.
pub struct HttpClient {
    address: String,
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl HttpClient {
    /// Connects to `host:port`.
    pub fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket can be told so");
        Self {
            address: address.to_owned(),
            stream: BufReader::new(stream),
            body: Vec::new(),
        }
    }

    /// Calls the tool `name` as a client of revision 2026-07-28, and gives the body of the response.
    pub fn call(&mut self, name: &str, message: &str) -> &str {
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
             mcp-method: tools/call\r\nmcp-name: {name}\r\ncontent-length: {}\r\n\r\n{message}",
            self.address,
            message.len(),
        );
        let sent = self.stream.get_mut().write_all(request.as_bytes());
        sent.expect("the server reads");
        self.read_response();
        std::str::from_utf8(&self.body).expect("it is text")
    }

    fn read_response(&mut self) {
        self.body.clear();
        let status = self.line();
        assert!(status.contains(" 200 "), "{status}");
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("it is a number");
            }
            is_chunked |= line.starts_with("transfer-encoding:") && line.ends_with("chunked");
        }
        if !is_chunked {
            self.take(length);
            return;
        }
        loop {
            let size = usize::from_str_radix(&self.line(), 16).expect("it is a number");
            self.take(size);
            self.line();
            if size == 0 {
                return;
            }
        }
    }

    fn take(&mut self, n_bytes: usize) {
        let before = self.body.len();
        self.body.resize(before + n_bytes, 0);
        let read = self.stream.read_exact(&mut self.body[before..]);
        read.expect("the server writes");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the server writes");
        line.truncate(line.trim_end().len());
        line
    }
}
