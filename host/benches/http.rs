//! One permitted request through the gate, beside the same request with the HTTP library alone, each over a connection of
//! its own to a server on loopback.
//!
//! The two take turns, so that whatever else the machine does hits both. What the gate adds is reading the URL, three keys,
//! the address, and the counting of both bodies; resolving a name and TLS cost the same with and without it, so there is
//! neither.

#[path = "support/figures.rs"]
mod figures;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

use figures::quantile;
use portcullis::limits::Limits;
use portcullis::names::{Digest, Identity};
use portcullis::network::{Gate, Network, Patience, Trust};
use portcullis::permissions::{Approved, Grant, Keys, Policy, Words};

const ROUNDS: usize = 20;
const REQUESTS: usize = 200;

fn main() {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .event_interval(1)
        .global_queue_interval(1)
        .build()
        .expect("the runtime starts");
    // On a worker, as in the host, so that nothing has to be handed to another thread and back.
    runtime
        .block_on(runtime.spawn(compare()))
        .expect("no request panics");
}

async fn compare() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(serve(listener));
    let gate = gate(address);

    println!("| request body | gate p50 / p99 | alone p50 / p99 | more (range over rounds) |");
    println!("|---|---|---|---|");
    for body_bytes in [0, 64 << 10] {
        let (mut gated, mut alone, mut more) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (mut here, mut there) = (Vec::new(), Vec::new());
            for _ in 0..REQUESTS {
                here.push(timed(through_gate(&gate, address, body_bytes)).await);
                there.push(timed(without_gate(address, body_bytes)).await);
            }
            more.push(micros(quantile(&here, 0.5)) - micros(quantile(&there, 0.5)));
            gated.extend(here);
            alone.extend(there);
        }
        println!(
            "| {body_bytes} bytes | {:.0} / {:.0} µs | {:.0} / {:.0} µs | {:.0} µs ({:.0} to {:.0}) |",
            micros(quantile(&gated, 0.5)),
            micros(quantile(&gated, 0.99)),
            micros(quantile(&alone, 0.5)),
            micros(quantile(&alone, 0.99)),
            quantile(&more, 0.5),
            quantile(&more, 0.0),
            quantile(&more, 1.0),
        );
    }
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let started = Instant::now();
    work.await;
    started.elapsed()
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

fn gate(address: SocketAddr) -> Gate {
    let identity = Identity {
        name: "bench".parse().expect("a good name"),
        digest: Digest::of(b"bench"),
    };
    let words = Words {
        network: vec![address.to_string().parse().expect("a good rule")],
        ..Words::default()
    };
    let policy = Policy {
        words: words.clone(),
        ..Policy::default()
    };
    let grant = Grant {
        approved: Approved::Anything,
        words: words.clone(),
        ..Grant::default()
    };
    let keys = Keys::new(identity, policy, grant, words);
    let network = Network::new(Trust::default());
    Gate::new(network, Arc::new(keys), &Limits::default(), None)
}

async fn through_gate(gate: &Gate, address: SocketAddr, body_bytes: usize) {
    let request = Request::post(format!("http://{address}/path?query"))
        .body(body(body_bytes))
        .expect("a good request");
    let response = gate
        .call()
        .send(request, Patience::default())
        .await
        .expect("it is permitted");
    let body = response.into_body().collect().await.expect("it is whole");
    assert_eq!(body.to_bytes(), "hello");
}

async fn without_gate(address: SocketAddr, body_bytes: usize) {
    let request = Request::post("/path?query")
        .header("host", address.to_string())
        .header("connection", "close")
        .body(body(body_bytes))
        .expect("a good request");
    let stream = TcpStream::connect(address)
        .await
        .expect("the server is there");
    stream.set_nodelay(true).expect("it is a TCP stream");
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream))
        .await
        .expect("it is open");
    let driver = tokio::spawn(driver);
    let response = sender.send_request(request).await.expect("it is answered");
    let body = response.into_body().collect().await.expect("it is whole");
    assert_eq!(body.to_bytes(), "hello");
    driver.abort();
}

type Body = http_body_util::Either<Empty<Bytes>, Full<Bytes>>;

fn body(bytes: usize) -> Body {
    static PIECE: [u8; 64 << 10] = [b'x'; 64 << 10];
    match bytes {
        0 => Body::Left(Empty::new()),
        bytes => Body::Right(Full::new(Bytes::from_static(&PIECE[..bytes]))),
    }
}

/// Answers every connection's first request when it has all of it.
async fn serve(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut bytes = Vec::new();
            while !is_whole(&bytes) {
                if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
            // The client may have gone, which is its own affair.
            let _ = stream.write_all(response).await;
        });
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    bytes.len() >= end + 4 + length
}
