//! What the network answers in truth, recorded and played again.

use std::fs;
use std::process::Stdio;

use super::{plugin, run};
use crate::support::host::PATIENCE;
use crate::support::program::{Ended, Home};
use crate::support::server::Server;

fn case(port: u16, more: &str) -> String {
    format!(
        "[allow]\nnetwork = [\"127.0.0.1:{port}\"]\n[[case]]\nname = \"reads json\"\nrecord = true\ntool = \"http\"\n\
         arguments = {{ url = \"http://127.0.0.1:{port}/json\" }}\n{more}\n[case.expect]\njson = {{ status = 200, body = '{{\"a\":[1,2,\"x\"]}}' }}\n"
    )
}

/// Runs the program while a server in this process goes on.
async fn record(home: &Home, arguments: &[&str]) -> Ended {
    let mut command = tokio::process::Command::from(home.command());
    command.args(["test", "p"]).args(arguments);
    command
        .env("TRUE_KEY", "hunter22hunter")
        .stdin(Stdio::null());
    Ended::of(command.output().await.expect("the program starts"))
}

#[tokio::test]
async fn a_recording_answers_when_the_server_is_gone_and_holds_no_secret() {
    let server = Server::start().await;
    let port = server.port();
    let home = plugin("http");
    let secret = format!(
        "[case.secrets.key]\nvalue = \"invented-key\"\nhost = \"127.0.0.1:{port}\"\nheader = \"authorization\"\n\
         prefix = \"Bearer \"\nrecord-env = \"TRUE_KEY\""
    );
    home.write("p/tests/a.toml", case(port, &secret));

    let without = run(&home, &[]);
    assert_eq!(without.code, 1, "{without:?}");
    assert!(
        without.stdout.contains("is not there yet")
            && without.stdout.contains("portcullis test --record"),
        "{without:?}"
    );
    assert_eq!(
        server.n_connections(),
        0,
        "nobody asked without being told to"
    );

    let recorded = record(&home, &["--record"]).await;
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert!(
        recorded.stdout.contains("recorded 1 exchanges"),
        "{recorded:?}"
    );
    let requests = server.requests().join("\n").to_lowercase();
    assert!(
        requests.contains("authorization: bearer hunter22hunter"),
        "{requests}"
    );
    let path = home.path().join("p/tests/recordings/a/reads-json.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("/json") && !text.contains("hunter22"),
        "{text}"
    );

    drop(server);
    let replayed = run(&home, &[]);
    assert_eq!(replayed.code, 0, "{replayed:?}");

    // What is not to be recorded any more is not played from there, and is named.
    home.write(
        "p/tests/a.toml",
        case(port, &secret).replace("record = true", "record = false"),
    );
    let unrecorded = run(&home, &[]);
    assert_eq!(unrecorded.code, 1, "{unrecorded:?}");
    assert!(
        unrecorded.stdout.contains("no exchange fits")
            && unrecorded
                .stdout
                .contains("unused `p/tests/recordings/a/reads-json.json`"),
        "{unrecorded:?}"
    );
    home.write("p/tests/a.toml", case(port, &secret));

    // What is played is the recording, and nothing else.
    fs::write(&path, text.replace("[1,2,", "[7,2,")).unwrap();
    assert_eq!(run(&home, &[]).code, 1);
    fs::write(&path, "{").unwrap();
    let broken = run(&home, &[]);
    assert!(broken.stdout.contains("is no recording"), "{broken:?}");
}

#[tokio::test]
async fn a_run_that_fails_and_a_job_leave_a_recording_as_it_is() {
    let server = Server::start().await;
    let port = server.port();
    let home = plugin("http");
    home.write("p/tests/a.toml", case(port, ""));
    assert_eq!(record(&home, &["--record"]).await.code, 0);
    let path = home.path().join("p/tests/recordings/a/reads-json.json");
    let good = fs::read_to_string(&path).unwrap();

    home.write(
        "p/tests/a.toml",
        case(port, "").replace("/json\"", "/page\""),
    );
    let failed = record(&home, &["--record"]).await;
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(
        failed
            .stdout
            .contains("is left as it is, since the case failed"),
        "{failed:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), good);

    let mut command = tokio::process::Command::from(home.command());
    command.args(["test", "p", "--record"]).env("CI", "true");
    let n_before = server.n_connections();
    let in_a_job = Ended::of(command.output().await.unwrap());
    assert_eq!(in_a_job.code, 2, "{in_a_job:?}");
    assert!(
        in_a_job.stderr.contains("a job records nothing"),
        "{in_a_job:?}"
    );
    assert_eq!(server.n_connections(), n_before);
}

#[tokio::test]
async fn what_a_plugin_asks_for_while_it_starts_is_recorded_as_well() {
    let server = Server::start().await;
    let port = server.port();
    let home = plugin("calls_home");
    home.write(
        "p/tests/a.toml",
        format!(
            "[[case]]\nname = \"a\"\nrecord = true\ntool = \"calls_home\"\nallow.network = [\"127.0.0.1:{port}\"]\n\
             config = {{ start = \"http://127.0.0.1:{port}/json\" }}\n"
        ),
    );
    let recorded = record(&home, &["--record"]).await;
    assert_eq!(recorded.code, 0, "{recorded:?}");
    drop(server);
    let replayed = run(&home, &[]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

#[tokio::test]
async fn a_case_is_recorded_only_as_far_as_its_permission_goes() {
    let server = Server::start().await;
    let port = server.port();
    let home = plugin("http");
    let check = async |allow: &str, words: &str| {
        home.write(
            "p/tests/a.toml",
            case(port, "").replace(&format!("\"127.0.0.1:{port}\""), allow),
        );
        let ended = record(&home, &["--record=json"]).await;
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stdout.contains(words), "{ended:?}");
    };
    check("", "there is nothing to record").await;
    check("\"api.example.com\"", "/json` is refused").await;
    assert_eq!(server.n_connections(), 0);
    assert!(!home.path().join("p/tests/recordings").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_a_run_with_130_and_tells_what_was_played() {
    use rustix::process::{Pid, Signal, kill_process};
    let server = Server::start().await;
    let port = server.port();
    let home = plugin("http");
    let secret = format!(
        "[case.secrets.key]\nvalue = \"invented-key\"\nhost = \"127.0.0.1:{port}\"\nheader = \"authorization\""
    );
    let text = case(port, &secret).replace("/json\"", "/silent\"");
    home.write("p/tests/a.toml", text);
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut command = tokio::process::Command::from(home.command());
    command
        .args(["test", "p", "--record"])
        .env("TMPDIR", &temporary);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    // The server never answers, so the case is under way when it is asked.
    let asked = async {
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .expect("the plugin asks");
    let pid = child
        .id()
        .and_then(|pid| Pid::from_raw(pid.try_into().unwrap()));
    kill_process(pid.expect("it runs"), Signal::INT).unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let ended = Ended::of(output.expect("it ends").unwrap());
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.stdout.contains("1 not played"), "{ended:?}");
    let left: Vec<_> = fs::read_dir(&temporary).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!home.path().join("p/tests/recordings").exists());
}
