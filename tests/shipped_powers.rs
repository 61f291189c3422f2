//! The shipped plugins that need powers, in the real binary, which holds them: without any they are in service, say what
//! they need, and do nothing; with what they are granted they do their work, and nothing beside it.

use crate::support::program::{Ended, Home};
use crate::support::server::Server;

/// What no answer may hold: lines that a model could put into the operator's file to let itself in.
const RECIPES: [&str; 6] = [
    "portcullis.toml",
    "[plugins",
    "[policy",
    "grants",
    "storage =",
    "network =",
];

/// Calls a tool in an empty home and returns its "no".
#[track_caller]
fn refused(home: &Home, tool: &str, arguments: &str) -> String {
    let ended = home.run(&["call", tool, arguments]);
    assert_eq!(ended.code, 1, "{tool}: {ended:?}");
    let said = format!("{}{}", ended.stdout, ended.stderr);
    for recipe in RECIPES {
        assert!(!ended.stdout.contains(recipe), "{tool}: {said}");
    }
    said
}

#[test]
fn the_plugins_are_listed_with_their_tools() {
    let home = Home::new();
    let ended = home.run(&["list"]);
    for tool in [
        "fetch__fetch",
        "fetch__fetch_json",
        "files__list",
        "files__read",
        "files__search_names",
        "files__search_content",
        "notes__create",
        "notes__update",
        "notes__append",
        "notes__get",
        "notes__search",
        "notes__list",
        "notes__delete",
    ] {
        assert!(ended.stdout.contains(tool), "{tool}: {ended:?}");
    }
}

#[test]
fn without_a_folder_every_tool_of_files_says_so() {
    let home = Home::new();
    home.write("secret.txt", "secret");
    for (tool, arguments) in [
        ("files__list", "{}"),
        ("files__list", r#"{"path": "/"}"#),
        ("files__read", r#"{"path": "secret.txt"}"#),
        ("files__read", r#"{"path": "/etc/passwd"}"#),
        ("files__search_names", r#"{"pattern": "*"}"#),
        ("files__search_content", r#"{"pattern": "secret"}"#),
    ] {
        let said = refused(&home, tool, arguments);
        assert!(said.contains("has no folder to read"), "{tool}: {said}");
        assert!(
            said.contains("`storage directories` is refused"),
            "{tool}: {said}"
        );
        assert!(said.contains("portcullis explain files"), "{tool}: {said}");
    }
}

#[test]
fn without_a_store_every_tool_of_notes_says_so() {
    let home = Home::new();
    for (tool, arguments) in [
        ("notes__create", r#"{"title": "x"}"#),
        ("notes__update", r#"{"id": 1, "title": "x"}"#),
        ("notes__append", r#"{"id": 1, "text": "x"}"#),
        ("notes__get", r#"{"id": 1}"#),
        ("notes__search", r#"{"query": "x"}"#),
        ("notes__list", "{}"),
        ("notes__delete", r#"{"id": 1}"#),
    ] {
        let said = refused(&home, tool, arguments);
        assert!(said.contains("nowhere to keep notes"), "{tool}: {said}");
        assert!(said.contains("portcullis explain notes"), "{tool}: {said}");
    }
}

#[test]
fn without_leave_fetch_sends_nothing_and_says_whom_to_ask() {
    // Whoever connects would be counted.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let home = Home::new();
    for tool in ["fetch__fetch", "fetch__fetch_json"] {
        let arguments = format!(r#"{{"url": "http://127.0.0.1:{port}/"}}"#);
        let said = refused(&home, tool, &arguments);
        assert!(said.contains("was not given leave"), "{tool}: {said}");
        assert!(said.contains("portcullis explain fetch"), "{tool}: {said}");
    }
    let explained = home.run(&["explain", "fetch"]);
    assert!(
        explained.stdout.contains("asks for   network: *"),
        "{explained:?}"
    );
    assert!(
        explained
            .stdout
            .contains("as far as the policy and the grant"),
        "{explained:?}"
    );
    let connected = listener.accept();
    let kind = connected.map_err(|error| error.kind()).unwrap_err();
    assert_eq!(kind, std::io::ErrorKind::WouldBlock);
}

#[test]
fn what_is_wrong_in_a_call_is_said_before_any_power_is_used() {
    let home = Home::new();
    for (tool, arguments, expected) in [
        (
            "fetch__fetch",
            r#"{"url": "example.com"}"#,
            "does not begin with `https://`",
        ),
        (
            "fetch__fetch",
            r#"{"url": "file:///etc/passwd"}"#,
            "is not on the web",
        ),
        ("notes__create", r#"{"title": " "}"#, "`title` is empty"),
    ] {
        let said = refused(&home, tool, arguments);
        assert!(said.contains(expected), "{tool}: {said}");
    }
}

/// Runs the program while a server in this process goes on.
async fn run(home: &Home, arguments: &[&str]) -> Ended {
    let mut command = tokio::process::Command::from(home.command());
    command.args(arguments).stdin(std::process::Stdio::null());
    let output = command.output().await.expect("the program starts");
    Ended::of(output)
}

#[tokio::test]
async fn fetch_reads_the_page_it_was_given_leave_for_and_follows_no_redirect_elsewhere() {
    let server = Server::start().await;
    let port = server.port();
    let home = Home::new();
    let rule = format!("network = [\"127.0.0.1:{port}\"]");
    home.write(
        "portcullis.toml",
        format!("[policy]\n{rule}\n[plugins.fetch.grants]\n{rule}\n"),
    );
    let fetch = async |tool: &str, path: &str| {
        let arguments = format!(r#"{{"url": "http://127.0.0.1:{port}{path}"}}"#);
        run(&home, &["call", tool, &arguments]).await
    };
    for path in ["/page", "/moved"] {
        let page = fetch("fetch__fetch", path).await;
        assert_eq!(page.code, 0, "{page:?}");
        let link = format!("[link](http://127.0.0.1:{port}/next)");
        assert!(
            page.stdout.contains("# Hello") && page.stdout.contains(&link),
            "{page:?}"
        );
        assert!(
            !page.stdout.contains("evil") && !page.stdout.contains("Menu"),
            "{page:?}"
        );
    }
    let value = fetch("fetch__fetch_json", "/json").await;
    assert!(value.stdout.contains("\"x\""), "{value:?}");

    let n_before = server.requests().len();
    let elsewhere = fetch("fetch__fetch", "/redirect").await;
    assert_eq!(elsewhere.code, 1, "{elsewhere:?}");
    assert_eq!(server.requests().len(), n_before + 1, "nobody followed");
    assert!(
        elsewhere.stderr.contains("127.0.0.2"),
        "the person is told: {elsewhere:?}"
    );
}

#[test]
fn files_shows_the_shared_folder_and_nothing_beside_it() {
    let home = Home::new();
    home.write("papers/a.txt", "one\ntwo needle\nthree\n")
        .write("papers/deep/b.md", "another needle")
        .write("papers/c.bin", [0u8, 1, 2, 3])
        .write("secret.txt", "a needle outside")
        .write(
            "portcullis.toml",
            "[policy]\nstorage = [\"directories\"]\n\
             [plugins.files.grants]\nstorage = [\"directories\"]\n\
             [plugins.files.directories.papers]\npath = \"papers\"\n",
        );
    std::os::unix::fs::symlink(
        home.path().join("secret.txt"),
        home.path().join("papers/out"),
    )
    .unwrap();
    let call = |tool: &str, arguments: &str| home.run(&["call", tool, arguments]);
    let listed = call("files__list", r#"{"path": "papers", "depth": 3}"#);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(
        listed.stdout.contains("a.txt") && listed.stdout.contains("b.md"),
        "{listed:?}"
    );
    let read = call("files__read", r#"{"path": "papers/a.txt"}"#);
    assert!(read.stdout.contains("two needle"), "{read:?}");
    let found = call("files__search_content", r#"{"pattern": "needle"}"#);
    assert!(
        found.stdout.contains("papers/a.txt") && found.stdout.contains("papers/deep/b.md"),
        "{found:?}"
    );
    assert!(!found.stdout.contains("outside"), "{found:?}");
    let named = call("files__search_names", r#"{"pattern": "*.md"}"#);
    assert!(named.stdout.contains("papers/deep/b.md"), "{named:?}");
    for path in [
        "papers/out",
        "papers/../secret.txt",
        "secret.txt",
        "/secret.txt",
    ] {
        let refused = call("files__read", &format!(r#"{{"path": "{path}"}}"#));
        assert_eq!(refused.code, 1, "{path}: {refused:?}");
        assert!(!refused.stdout.contains("outside"), "{path}: {refused:?}");
    }
}

#[test]
fn notes_are_there_in_the_next_run_and_are_resources_too() {
    let home = Home::new();
    home.write(
        "portcullis.toml",
        "[host]\nstate = \"state\"\n[policy]\nstorage = [\"key-value\"]\n\
         [plugins.notes.grants]\nstorage = [\"key-value\"]\n",
    );
    let call = |tool: &str, arguments: &str| {
        let ended = home.run(&["call", tool, arguments]);
        assert_eq!(ended.code, 0, "{tool}: {ended:?}");
        ended.stdout
    };
    call(
        "notes__create",
        r#"{"title": "Shopping", "text": "milk", "tags": ["home"]}"#,
    );
    call("notes__append", r#"{"id": 1, "text": "bread"}"#);
    let note = call("notes__get", r#"{"id": 1}"#);
    assert!(
        note.contains("Shopping") && note.contains("milk") && note.contains("bread"),
        "{note}"
    );
    assert!(call("notes__search", r#"{"query": "bread"}"#).contains("Shopping"));
    let listed = home.run(&["list"]);
    assert!(listed.stdout.contains("notes://all"), "{listed:?}");
    call("notes__delete", r#"{"id": 1}"#);
    let gone = home.run(&["call", "notes__get", r#"{"id": 1}"#]);
    assert_eq!(gone.code, 1, "{gone:?}");
}
