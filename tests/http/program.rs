//! Whole conversations with the real binary.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use serde_json::json;

use crate::support::http::{Reply, Request, call, get, initialize, legacy, post, until};
use crate::support::program::{Ended, Home};

/// A program that serves HTTP.
struct Program {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    address: SocketAddr,
}

impl Program {
    /// Starts it, and reads where it listens.
    fn start(home: &Home) -> Self {
        let mut child = home
            .command()
            .args(["serve", "--http", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_else(|| panic!("{line:?} names no address"));
        Self {
            address: address.parse().unwrap(),
            child,
            stderr,
        }
    }

    async fn send(&self, request: &Request) -> Reply {
        let mut stream = crate::support::http::connect(self.address).await;
        stream.write(&request.text()).await;
        stream.whole().await
    }

    /// Ends it as a supervisor does.
    fn end(mut self) -> Ended {
        use std::io::Read as _;
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut ended = Ended::of(self.child.wait_with_output().unwrap());
        self.stderr.read_to_string(&mut ended.stderr).unwrap();
        ended
    }
}

#[tokio::test]
async fn the_program_serves_both_eras_and_ends_when_it_is_told_to() {
    let home = Home::new();
    let program = Program::start(&home);
    until(async || program.send(&get("/ready")).await.status == 200).await;
    let sum = json!({"a": 1, "b": 2});
    let answer = program.send(&call("calculator__add", sum.clone())).await;
    assert_eq!(answer.said(), "3");
    let opened = program.send(&initialize()).await;
    let session = opened.header("mcp-session-id").unwrap().to_owned();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    program.send(&post(&ready).session(&session)).await;
    let arguments = json!({"name": "calculator__add", "arguments": sum});
    let answer = program
        .send(&legacy(&session, "tools/call", arguments))
        .await;
    assert_eq!(answer.said(), "3");
    let ended = program.end();
    assert_eq!((ended.code, &*ended.stdout), (0, ""), "{}", ended.stderr);
}

#[tokio::test]
async fn a_token_of_the_program_opens_it() {
    let home = Home::new();
    let made = home.run(&["token", "ada"]);
    assert_eq!(made.code, 0, "{made:?}");
    let token = made.stdout.split("Bearer ").nth(1).unwrap();
    let token = token.lines().next().unwrap();
    let lines = &made.stdout[made.stdout.find("[http.tokens.ada]").unwrap()..];
    home.write(
        "portcullis.toml",
        format!("[host]\nshipped = false\n{lines}"),
    );
    assert!(!lines.contains(token));
    let program = Program::start(&home);
    let list = crate::support::http::modern("tools/list", json!({}));
    assert_eq!(program.send(&list).await.status, 401);
    let list = list.token(Some(token));
    assert_eq!(program.send(&list).await.status, 200);
    let ended = program.end();
    assert!(!ended.stderr.contains(token), "{}", ended.stderr);
    assert_ne!(home.run(&["token"]).stdout, home.run(&["token"]).stdout);
    assert_eq!(home.run(&["token", "a b"]).code, 2);
}

#[test]
fn a_set_up_that_would_be_open_or_broken_does_not_start() {
    let check = |config: &str, address: &str, code: i32, reason: &str| {
        let home = Home::new();
        home.write(
            "portcullis.toml",
            format!("[host]\nshipped = false\n{config}"),
        );
        let ended = home.run(&["serve", "--http", address]);
        assert_eq!(ended.code, code, "{config}: {ended:?}");
        assert!(ended.stderr.contains(reason), "{config}: {ended:?}");
        assert_eq!(ended.stderr.matches("(hint: ").count(), 1, "{ended:?}");
    };
    let token = format!("[http.tokens.a]\nsha256 = \"{}\"\n", "0".repeat(64));
    check("", "0.0.0.0:0", 4, "nobody would have to say who they are");
    check("", "[::]:0", 4, "nobody would have to say who they are");
    check(&token, "0.0.0.0:0", 4, "no request could come in");
    check("", "localhost", 2, "is no address");
    let oauth = "[http.oauth]\nissuer = \"i\"\naudience = \"a\"\n";
    let url = |url: &str| format!("{oauth}jwks_url = \"{url}\"\n");
    check(
        &url("http://issuer.example/"),
        "127.0.0.1:0",
        4,
        "is not secure",
    );
    check(&url("keys"), "127.0.0.1:0", 4, "is no URL");
    let file = format!("{oauth}jwks_file = \"portcullis.toml\"\n");
    check(&file, "127.0.0.1:0", 4, "is no JWK set");
    let tls = "[http.tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
    check(tls, "127.0.0.1:0", 4, "`http.tls`");
    check(
        "[http]\nallowed_hosts = [\"*\"]",
        "127.0.0.1:0",
        4,
        "is no host",
    );
}
