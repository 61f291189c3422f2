//! The conversation over lines: what bad lines get, that the connection is kept, and that a client which misbehaves costs a
//! bounded amount of memory.

use std::time::Duration;

use portcullis::protocol::serve_transport;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::host;

/// How long a test waits for what must come. It is met only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest line a client may send.
const LINE_BYTES_MAX: usize = 16 << 20;

type Served = Result<(), portcullis::protocol::ServeError>;

/// A client that writes what it likes.
struct Rude {
    write: Option<WriteHalf<DuplexStream>>,
    read: BufReader<ReadHalf<DuplexStream>>,
    server: JoinHandle<Served>,
}

impl Rude {
    /// In conversation with a host of these guests, over a pipe of so many bytes.
    async fn open_with(guests: &[&str], pipe_bytes: usize) -> Self {
        let (ours, theirs) = tokio::io::duplex(pipe_bytes);
        let (read, write) = tokio::io::split(theirs);
        let host = host::host(guests);
        let server = tokio::spawn(serve_transport(host, read, write, CancellationToken::new()));
        let (read, write) = tokio::io::split(ours);
        let mut client = Self {
            write: Some(write),
            read: BufReader::new(read),
            server,
        };
        client
            .say(
                json!({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": {"name": "rude", "version": "1"}}}),
            )
            .await;
        assert_eq!(client.hear().await["id"], "hello");
        client
    }

    async fn open() -> Self {
        Self::open_with(&["echo"], 64 << 10).await
    }

    async fn write(&mut self, bytes: &[u8]) {
        let write = self.write.as_mut().expect("it has not hung up");
        let written = tokio::time::timeout(PATIENCE, write.write_all(bytes)).await;
        written
            .expect("the server reads in time")
            .expect("the server is there");
    }

    async fn say(&mut self, message: Value) {
        self.write(format!("{message}\n").as_bytes()).await;
    }

    async fn hear(&mut self) -> Value {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.read.read_line(&mut line)).await;
        let n_bytes = read
            .expect("there is an answer in time")
            .expect("it is text");
        assert!(n_bytes > 0, "the server hung up");
        serde_json::from_str(&line).expect("only JSON is written")
    }

    /// Hears what comes up to the answer to a ping, which must come: the connection is kept.
    async fn hear_until_ping(&mut self) -> Vec<Value> {
        self.say(json!({"jsonrpc": "2.0", "id": "still there?", "method": "ping"}))
            .await;
        let mut heard = Vec::new();
        loop {
            let message = self.hear().await;
            if message["id"] == "still there?" {
                assert_eq!(message["result"], json!({}), "{message}");
                return heard;
            }
            heard.push(message);
        }
    }

    async fn call(&mut self, id: Value, text: &str) {
        self.say(call(id, text)).await;
    }

    /// Hangs up, and gives all that still comes and how the server ended.
    async fn hang_up(mut self) -> (String, Served) {
        let mut write = self.write.take().expect("it hangs up once");
        write.shutdown().await.expect("the server is there");
        let mut rest = String::new();
        let read = tokio::time::timeout(PATIENCE, self.read.read_to_string(&mut rest)).await;
        read.expect("the server ends in time").expect("it is text");
        (rest, self.server.await.expect("it does not panic"))
    }
}

fn call(id: Value, text: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
        "name": "echo", "arguments": {"text": text}}})
}

#[tokio::test]
async fn a_bad_line_is_answered_and_the_next_one_is_served() {
    let mut client = Rude::open().await;
    let check = async |client: &mut Rude, line: &[u8], code: Option<i64>, id: Value| {
        let shown = String::from_utf8_lossy(line)
            .chars()
            .take(80)
            .collect::<String>();
        client.write(line).await;
        client.write(b"\n").await;
        let heard = client.hear_until_ping().await;
        let answer = heard.first().cloned().unwrap_or_default();
        assert_eq!(
            heard.len(),
            usize::from(code.is_some()),
            "{shown}: {heard:?}"
        );
        assert_eq!(answer["error"]["code"].as_i64(), code, "{shown}: {answer}");
        assert_eq!(answer["id"], id, "{shown}: {answer}");
        assert!(
            code.is_none() || id != Value::Null || answer.get("id").is_none(),
            "{answer}"
        );
    };
    let none = Value::Null;
    // What is no JSON.
    check(&mut client, b"hello", Some(-32_700), none.clone()).await;
    check(
        &mut client,
        b"{\"jsonrpc\":\"2.0\",\"id\":1,",
        Some(-32_700),
        none.clone(),
    )
    .await;
    check(&mut client, b"\xff\xfe", Some(-32_700), none.clone()).await;
    check(
        &mut client,
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"\xc3\x28\"}}",
        Some(-32_700),
        none.clone(),
    )
    .await;
    // JSON that is no message.
    check(&mut client, b"7", Some(-32_600), none.clone()).await;
    check(&mut client, b"{}", Some(-32_600), none.clone()).await;
    check(
        &mut client,
        br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        Some(-32_600),
        none.clone(),
    )
    .await;
    check(
        &mut client,
        br#"{"id":5,"method":"ping"}"#,
        Some(-32_600),
        json!(5),
    )
    .await;
    check(
        &mut client,
        br#"{"jsonrpc":"2.0","id":5,"id":6,"method":"ping"}"#,
        Some(-32_600),
        none.clone(),
    )
    .await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{{"name":"echo","arguments":{}1{}}}}}"#,
        r#"{"a":"#.repeat(100_000),
        "}".repeat(100_000),
    );
    check(&mut client, deep.as_bytes(), Some(-32_600), json!(8)).await;
    // What fits no method of that name, and what no method is named.
    check(
        &mut client,
        br#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":5}}"#,
        Some(-32_602),
        json!(9),
    )
    .await;
    check(
        &mut client,
        br#"{"jsonrpc":"2.0","id":9,"method":"no/such"}"#,
        Some(-32_601),
        json!(9),
    )
    .await;
    // What is never answered: nothing, a notification, an answer.
    check(&mut client, b"", None, none.clone()).await;
    check(&mut client, b" \t\r", None, none.clone()).await;
    check(
        &mut client,
        br#"{"method":"notifications/initialized"}"#,
        None,
        none.clone(),
    )
    .await;
    check(
        &mut client,
        br#"{"jsonrpc":"2.0","method":"$/x","params":[1]}"#,
        None,
        none.clone(),
    )
    .await;
    check(
        &mut client,
        br#"{"id":1,"error":{"code":-32700}}"#,
        None,
        none.clone(),
    )
    .await;
    check(
        &mut client,
        br#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        None,
        none,
    )
    .await;

    client.call(json!(10), "fine").await;
    assert_eq!(client.hear().await["result"]["content"][0]["text"], "fine");
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn a_name_that_stands_twice_means_the_same_to_the_check_and_to_the_plugin() {
    let mut client = Rude::open().await;
    client
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"text\":5,\"text\":\"last\"}}}\n")
        .await;
    assert_eq!(client.hear().await["result"]["content"][0]["text"], "last");
    client
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"text\":\"first\",\"text\":5}}}\n")
        .await;
    assert_eq!(client.hear().await["result"]["isError"], true);
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn bad_lines_in_a_row_are_not_answered_for_ever() {
    let mut client = Rude::open().await;
    client.write("nonsense\n".repeat(1_000).as_bytes()).await;
    let heard = client.hear_until_ping().await;
    assert_eq!(heard.len(), 8, "{heard:?}");
    // A good line was between, and a person may be at the keyboard.
    client.write(b"nonsense\n").await;
    assert_eq!(client.hear_until_ping().await.len(), 1);
    // Whoever asks under an id is waiting for an answer.
    client
        .write(r#"{"id":1,"method":"ping"}"#.to_owned().replace('}', "}\n").repeat(20).as_bytes())
        .await;
    assert_eq!(client.hear_until_ping().await.len(), 20);
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn a_line_that_is_too_long_is_refused_by_name_and_the_next_one_is_served() {
    let mut client = Rude::open().await;
    for (beginning, id) in [
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":""#,
            json!(7),
        ),
        (r#"{"method":"tools/call","params":{"name":""#, Value::Null),
    ] {
        client.write(beginning.as_bytes()).await;
        for _ in 0..(LINE_BYTES_MAX >> 20) + 4 {
            client.write(&vec![b'x'; 1 << 20]).await;
        }
        client.write(b"\"}}\n").await;
        let heard = client.hear_until_ping().await;
        if id.is_null() {
            // A method without an id is as good as a notification.
            assert!(heard.is_empty(), "{heard:?}");
            continue;
        }
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert_eq!(heard[0]["id"], id);
        assert_eq!(heard[0]["error"]["code"], -32_600);
        let said = heard[0]["error"]["message"].as_str().unwrap();
        assert!(said.contains("16777216"), "{said}");
    }
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn a_long_line_within_the_bound_is_served() {
    let mut client = Rude::open().await;
    let text = "x".repeat(1 << 20);
    client.call(json!(1), &text).await;
    let answer = client.hear().await;
    assert_eq!(answer["id"], 1);
    assert!(answer["error"].is_null(), "it is a call like any");
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_of_a_line_has_not_said_it() {
    let mut client = Rude::open_with(&["keeps_count_of_nothing"][..0], 64 << 10).await;
    client
        .write(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
        .await;
    let (rest, served) = client.hang_up().await;
    assert_eq!(rest, "");
    served.unwrap();
}

#[tokio::test]
async fn what_was_asked_before_the_end_of_the_input_is_answered() {
    let mut client = Rude::open().await;
    let asked: Vec<_> = (0..500)
        .map(|id| format!("{}\n", call(json!(id), &format!("say {id}"))))
        .collect();
    client.write(asked.concat().as_bytes()).await;
    let (rest, served) = client.hang_up().await;
    let mut ids: Vec<_> = rest
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|answer| {
            let id = answer["id"].as_i64().unwrap();
            assert_eq!(answer["result"]["content"][0]["text"], format!("say {id}"));
            id
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..500).collect::<Vec<_>>());
    served.unwrap();
}

#[tokio::test]
async fn calls_at_once_are_each_answered_with_their_own() {
    let mut client = Rude::open().await;
    let asked: Vec<_> = (0..64)
        .map(|id| {
            format!(
                "{}\n",
                call(json!(format!("id {id}")), &format!("say {id}"))
            )
        })
        .collect();
    for _ in 0..20 {
        client.write(asked.concat().as_bytes()).await;
        for _ in 0..64 {
            let answer = client.hear().await;
            let id = answer["id"].as_str().unwrap().strip_prefix("id ").unwrap();
            assert_eq!(answer["result"]["content"][0]["text"], format!("say {id}"));
        }
    }
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn what_a_call_reports_comes_in_order_and_before_its_answer() {
    let mut client = Rude::open_with(&["progress"], 64 << 10).await;
    for id in 0..20 {
        client
            .say(
                json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
                "name": "progress", "arguments": {}, "_meta": {"progressToken": id}}}),
            )
            .await;
    }
    let mut reached = vec![Vec::new(); 20];
    for _ in 0..20 * 4 {
        let message = client.hear().await;
        match message["method"].as_str() {
            Some("notifications/progress") => {
                let call = message["params"]["progressToken"].as_u64().unwrap() as usize;
                reached[call].push(message["params"]["progress"].as_f64().unwrap());
            }
            _ => {
                let call = message["id"].as_u64().unwrap() as usize;
                assert_eq!(reached[call].len(), 3, "{message}");
                assert!(reached[call].is_sorted(), "{reached:?}");
            }
        }
    }
    client.hang_up().await.1.unwrap();
}

#[tokio::test]
async fn a_client_that_stops_reading_is_not_read_from_any_more_until_it_reads() {
    let mut client = Rude::open_with(&["echo"], 4 << 10).await;
    let text = "x".repeat(256 << 10);
    let mut write = client.write.take().expect("it is open");
    let (mut n_asked, mut n_bytes) = (0, 0);
    // Each request asks for as much as it says, so a server without a bound would take them all.
    let is_stuck = loop {
        let request = format!("{}\n", call(json!(n_asked), &text));
        let writing = write.write_all(request.as_bytes());
        // It is met by a server that reads no more. One that was merely slow is read from in the same way below.
        match tokio::time::timeout(Duration::from_secs(2), writing).await {
            Ok(written) => written.expect("the server is there"),
            Err(_) => break true,
        }
        n_asked += 1;
        n_bytes += request.len();
        if n_bytes > 512 << 20 {
            break false;
        }
    };
    assert!(is_stuck, "{n_bytes} bytes were taken");
    // It reads again, and everything was kept.
    for _ in 0..n_asked {
        let answer = client.hear().await;
        let is_answered = answer["result"]["content"][0]["text"] == *text;
        let is_refused = answer["error"]["code"] == -32_603;
        assert!(is_answered || is_refused, "{answer}");
    }
    client.server.abort();
}
