//! A small HTTP server on loopback that behaves as its paths say, and remembers what it was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A server; it ends when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl Server {
    /// A server at a port of its own.
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0", None).await
    }

    /// A server at this address, over TLS when it is given the means.
    pub async fn at(address: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let shared = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(welcome(stream, tls.clone(), shared.clone(), address));
            }
        });
        Self {
            address,
            seen,
            task,
        }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests it was sent, heads and bodies.
    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub fn n_connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn welcome(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    seen: Arc<Seen>,
    address: SocketAddr,
) {
    // Clients go away when they please, so no failure is one.
    match tls {
        None => drop(serve(stream, seen, address).await),
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                drop(serve(stream, seen, address).await);
            }
        }
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: Arc<Seen>,
    address: SocketAddr,
) -> std::io::Result<()> {
    let request = read(&mut stream).await?;
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.requests.lock().unwrap().push(request);
    let mut say = async |text: &str| stream.write_all(text.as_bytes()).await;
    match path.as_str() {
        // Elsewhere, where the client may not go.
        "/redirect" => {
            let port = address.port();
            say(&format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.2:{port}/private\r\ncontent-length: 0\r\n\r\n"))
                .await?;
        }
        // One byte after the other, without end.
        "/drip" => {
            say("HTTP/1.1 200 OK\r\n\r\n").await?;
            let mut pace = tokio::time::interval(Duration::from_millis(5));
            loop {
                pace.tick().await;
                say("x").await?;
            }
        }
        // As much as it can, without end.
        "/endless" => {
            say("HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                say(&"x".repeat(8_192)).await?;
            }
        }
        // A head larger than any.
        "/head" => {
            say("HTTP/1.1 200 OK\r\n").await?;
            for n in 0..1_000 {
                say(&format!("x-{n}: {}\r\n", "x".repeat(1_000))).await?;
            }
            say("content-length: 0\r\n\r\n").await?;
        }
        // Half of a body, then nothing.
        "/half" => {
            say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await?;
            std::future::pending::<()>().await;
        }
        // Nothing.
        "/silent" => std::future::pending().await,
        // A page that people read, and a redirect to it.
        "/page" => {
            let page = "<html><head><title>A page</title><script>evil()</script></head>\
                <body><nav>Menu</nav><main><h1>Hello</h1><p>A <a href=\"/next\">link</a>.</p></main></body></html>";
            let length = page.len();
            say(&format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{page}"))
                .await?;
        }
        "/moved" => {
            say("HTTP/1.1 301 Moved\r\nlocation: /page\r\ncontent-length: 0\r\n\r\n").await?
        }
        "/json" => {
            say("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{\"a\":[1,2,\"x\"]}")
                .await?;
        }
        // Another protocol.
        "/upgrade" => {
            say("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
                .await?;
        }
        _ => say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await?,
    }
    stream.shutdown().await
}

/// Reads a request to its end, be it counted, in chunks or without a body.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let is_whole = match length {
            Some(length) => body.len() >= length,
            None if head.contains("transfer-encoding: chunked") => body.ends_with("0\r\n\r\n"),
            None => true,
        };
        if is_whole {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
