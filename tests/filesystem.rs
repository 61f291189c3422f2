//! What a plugin keeps and sees on disk: that honest work is done, and that every trick to get at more is refused while its
//! honest neighbour goes on.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::contract::{Content, Continuation, Outcome, ToolOutcome};
use portcullis::limits::Limits;
use portcullis::names::{Digest, Identity};
use portcullis::permissions::{Attempt, Key, StorageKind, Words};
use portcullis::runtime::{Asks, Call, FailureKind, Plugin, PluginLog, Powers, Said};
use portcullis::storage::{Folder, Places, PlacesError, State};
use portcullis_fixtures::guest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::host::{PATIENCE, engine, keys, limits, result_of};

/// A host's disk, and what a plugin is to have of it.
struct Disk {
    dir: TempDir,
    name: &'static str,
    limits: Limits,
    requested: Vec<StorageKind>,
    granted: Vec<StorageKind>,
    folders: Vec<Folder>,
    is_watched: bool,
}

impl Disk {
    /// Every kind of storage, and nothing shared.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("shared")).unwrap();
        fs::create_dir(dir.path().join("outside")).unwrap();
        fs::write(dir.path().join("outside/secret"), "secret").unwrap();
        Self {
            dir,
            name: "files",
            limits: limits(),
            requested: StorageKind::ALL.to_vec(),
            granted: StorageKind::ALL.to_vec(),
            folders: Vec::new(),
            is_watched: false,
        }
    }

    /// The same with `shared` as `/directories/shared`.
    fn sharing(is_writable: bool) -> Self {
        let mut disk = Self::new();
        disk.folders.push(Folder {
            name: "shared".to_owned(),
            path: disk.at("shared"),
            is_writable,
        });
        disk
    }

    fn limited(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::new()
        }
    }

    fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(path)
    }

    /// The path of what the plugin keeps.
    fn kept(&self, path: &str) -> PathBuf {
        self.at("state/plugins").join(self.name).join(path)
    }

    fn state(&self) -> State {
        State::open(&self.at("state")).unwrap()
    }

    fn places(&self, state: &State) -> Result<Option<Places>, PlacesError> {
        let own = ["cache", "config/portcullis.toml", "run/lock", "log"];
        let own = own.map(|own| self.at(own));
        Places::open(&self.keys(), &self.limits, state, &self.folders, &own)
    }

    fn keys(&self) -> portcullis::permissions::Keys {
        let identity = Identity {
            name: self.name.parse().unwrap(),
            digest: Digest::of(guest("files")),
        };
        let words = |storage: &[StorageKind]| Words {
            storage: storage.to_vec(),
            ..Words::default()
        };
        let granted = words(&self.granted);
        keys(identity, granted.clone(), granted, words(&self.requested))
    }

    async fn plugin(&self) -> Plugin {
        self.plugin_of(&self.state()).await
    }

    async fn plugin_of(&self, state: &State) -> Plugin {
        let keys = Arc::new(self.keys());
        let identity = keys.identity().clone();
        let read = || Ok(guest("files").into());
        let powers = Powers {
            places: self.places(state).unwrap(),
            is_watched: self.is_watched,
            ..Powers::none(keys)
        };
        let log = Arc::new(PluginLog::new(identity.name.clone(), self.limits.log_bytes));
        let engine = engine();
        let code = engine.load(identity.digest, Asks::default(), read).await;
        Plugin::new(
            identity.name,
            engine,
            code.unwrap(),
            self.limits.clone(),
            powers,
            log,
        )
    }

    /// The folders of calls in `temp`, of all hosts.
    fn temps(&self) -> Vec<PathBuf> {
        let within = |dir: PathBuf| fs::read_dir(dir).into_iter().flatten().flatten();
        within(self.at("state/temp"))
            .flat_map(|host| within(host.path()))
            .map(|call| call.path())
            .collect()
    }
}

async fn call(plugin: &Plugin, steps: Value, call: Call) -> Said<Outcome<ToolOutcome>> {
    let arguments = json!({ "steps": steps });
    let tool = "run".parse().unwrap();
    tokio::time::timeout(
        PATIENCE,
        plugin.call_tool(&tool, &arguments, Continuation::default(), call),
    )
    .await
    .expect("there is an answer in time")
}

/// Takes the steps in one call, and gives what came of each.
async fn run(plugin: &Plugin, steps: Value) -> Vec<Value> {
    let said = call(plugin, steps, Call::default()).await;
    let answer = result_of(said.unwrap().value.unwrap());
    match &answer.content[..] {
        [Content::Text { text, .. }] => serde_json::from_str(text).unwrap(),
        other => panic!("{other:?} is not one text"),
    }
}

/// Takes each step, and compares what came of it with what stands behind it.
async fn check<const N: usize>(plugin: &Plugin, rows: [(Value, Value); N]) {
    let steps: Vec<_> = rows.iter().map(|(step, _)| step.clone()).collect();
    let said = run(plugin, json!(steps)).await;
    for ((step, expected), said) in rows.into_iter().zip(said) {
        assert_eq!(said, expected, "{step}");
    }
}

/// Waits until something has come about.
async fn until(mut has_come: impl FnMut() -> bool) {
    let wait = async {
        while !has_come() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("it comes in time");
}

fn done() -> Value {
    json!("done")
}

/// What a Rust guest hears when there is no room for what it writes: the C library below it says so of whatever goes wrong with
/// a stream. The host's own word is `quota`.
fn no_room() -> Value {
    json!("io")
}

/// A number of bytes and files below a folder.
fn found_in(folder: &Path) -> (u64, u64) {
    let mut found = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let meta = entry.as_ref().unwrap().metadata().unwrap();
        let inner = match meta.is_dir() {
            true => found_in(&entry.unwrap().path()),
            false => (meta.len(), 0),
        };
        found = (found.0 + inner.0, found.1 + inner.1 + 1);
    }
    found
}

// Honest work.

#[tokio::test]
async fn files_are_written_read_listed_moved_and_removed_in_each_kind_of_storage() {
    let disk = Disk::sharing(true);
    let plugin = disk.plugin().await;
    for top in ["/user-data", "/cache", "/temp", "/directories/shared"] {
        let at = |path: &str| format!("{top}/{path}");
        check(
            &plugin,
            [
                (json!(["write", at("a"), "one"]), done()),
                (json!(["append", at("a"), " two"]), done()),
                (json!(["read", at("a")]), json!("one two")),
                (json!(["make-folder", at("f")]), done()),
                (json!(["rename", at("a"), at("f/b")]), done()),
                (json!(["write", at("f/c"), "old"]), done()),
                (json!(["write", at("f/c"), "n"]), done()),
                (json!(["read", at("f/../f/c")]), json!("n")),
                (json!(["list", at("f")]), json!("b c")),
                (json!(["set-size", at("f/b"), 3]), done()),
                (json!(["read", at("f/b")]), json!("one")),
                (json!(["remove", at("f/b")]), done()),
                (json!(["remove-folder", at("f")]), json!("not-empty")),
                (json!(["remove", at("f/c")]), done()),
                (json!(["remove-folder", at("f")]), done()),
                (json!(["list", at("")]), json!("")),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn user_data_and_cache_outlive_the_call_and_the_host_and_temp_does_not() {
    let disk = Disk::new();
    let state = disk.state();
    let plugin = disk.plugin_of(&state).await;
    for top in ["/user-data", "/cache", "/temp"] {
        check(
            &plugin,
            [(json!(["write", format!("{top}/a"), "kept"]), done())],
        )
        .await;
    }
    until(|| disk.temps().is_empty()).await;
    drop((plugin, state));
    let next = disk.plugin().await;
    check(
        &next,
        [
            (json!(["read", "/user-data/a"]), json!("kept")),
            (json!(["read", "/cache/a"]), json!("kept")),
            (json!(["read", "/temp/a"]), json!("no-entry")),
        ],
    )
    .await;
    assert_eq!(
        fs::read_to_string(disk.kept("user-data/a")).unwrap(),
        "kept"
    );
}

#[tokio::test]
async fn temp_is_gone_after_a_trap_and_after_a_cancelled_call() {
    let disk = Disk::limited(Limits {
        fuel: Limits::ceiling().fuel,
        ..limits()
    });
    let state = disk.state();
    let plugin = disk.plugin_of(&state).await;
    let steps = json!([["write", "/temp/a", "x"], ["panic"]]);
    let ended = call(&plugin, steps, Call::default()).await;
    assert!(matches!(ended.unwrap_err().kind, FailureKind::Trap { .. }));
    until(|| disk.temps().is_empty()).await;

    let cancelled = CancellationToken::new();
    let with = Call {
        cancelled: cancelled.clone(),
        ..Call::default()
    };
    let steps = json!([["write", "/temp/a", "x"], ["spin"]]);
    let written = until(|| disk.temps().iter().any(|temp| temp.join("a").exists()));
    let (ended, ()) = tokio::join!(call(&plugin, steps, with), async {
        written.await;
        cancelled.cancel();
    });
    assert_eq!(ended.unwrap_err().kind, FailureKind::Cancelled);
    until(|| disk.temps().is_empty()).await;
    check(&plugin, [(json!(["write", "/temp/a", "x"]), done())]).await;
}

#[tokio::test]
async fn each_call_has_a_temp_of_its_own() {
    let disk = Disk::new();
    let state = disk.state();
    let plugin = disk.plugin_of(&state).await;
    let steps = |name: &str| json!([["write", format!("/temp/{name}"), "x"], ["list", "/temp"]]);
    let (one, two) = tokio::join!(run(&plugin, steps("one")), run(&plugin, steps("two")));
    assert_eq!((&one[1], &two[1]), (&json!("one"), &json!("two")));
}

// Ways out of a tree.

#[tokio::test]
async fn no_path_leads_out_of_a_folder() {
    let disk = Disk::sharing(true);
    let plugin = disk.plugin().await;
    let secret = disk.at("outside/secret");
    let secret = secret.to_str().unwrap();
    let rows = [
        "/user-data/../cache.usage".to_owned(),
        "/user-data/../../../../outside/secret".to_owned(),
        "/directories/shared/../outside/secret".to_owned(),
        "/directories/shared/./../outside/secret".to_owned(),
        secret.to_owned(),
        format!("/directories/shared/{secret}"),
        "/etc/passwd".to_owned(),
        "/user-data/../../../../../../../../../etc/passwd".to_owned(),
        "/proc/self/environ".to_owned(),
    ];
    for path in rows {
        let write = json!(["write", path, "x"]);
        for (step, said) in [json!(["read", path]), write]
            .into_iter()
            .zip(run(&plugin, json!([["read", path], ["write", path, "x"]])).await)
        {
            assert!(said != done() && said != json!("secret"), "{step}: {said}");
            assert!(!said.as_str().unwrap().contains("root:"), "{step}: {said}");
        }
    }
    assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
    check(&plugin, [(json!(["write", "/user-data/a", "x"]), done())]).await;
}

#[tokio::test]
async fn a_link_that_was_there_leads_nowhere_outside() {
    let disk = Disk::sharing(true);
    symlink(disk.at("outside/secret"), disk.at("shared/absolute")).unwrap();
    symlink("../outside/secret", disk.at("shared/relative")).unwrap();
    symlink("../outside", disk.at("shared/folder")).unwrap();
    symlink("loop", disk.at("shared/loop")).unwrap();
    symlink("../outside/new", disk.at("shared/dangling")).unwrap();
    symlink("inner", disk.at("shared/fine")).unwrap();
    fs::write(disk.at("shared/inner"), "inner").unwrap();
    let plugin = disk.plugin().await;
    for path in [
        "absolute",
        "relative",
        "folder/secret",
        "loop",
        "dangling",
        "relative/",
    ] {
        let path = format!("/directories/shared/{path}");
        let steps = json!([
            ["read", path],
            ["write", path, "x"],
            ["append", path, "x"],
            ["truncate", path],
            ["set-size", path, 100],
            ["rename", "/directories/shared/inner", format!("{path}/x")],
        ]);
        for said in run(&plugin, steps).await {
            assert!(said != done() && said != json!("secret"), "{path}: {said}");
        }
    }
    assert_eq!(found_in(&disk.at("outside")), (6, 1));
    check(
        &plugin,
        [(json!(["read", "/directories/shared/fine"]), json!("inner"))],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_swapped_in_while_it_is_opened_is_never_followed_out() {
    let disk = Disk::sharing(false);
    fs::write(disk.at("shared/a"), "inside").unwrap();
    symlink("../outside/secret", disk.at("shared/b")).unwrap();
    fs::create_dir(disk.at("shared/d")).unwrap();
    fs::write(disk.at("shared/d/secret"), "inside").unwrap();
    symlink("../outside", disk.at("shared/e")).unwrap();
    let plugin = disk.plugin().await;
    let over = Arc::new(AtomicBool::new(false));
    let swapping = {
        let (shared, over) = (File::open(disk.at("shared")).unwrap(), over.clone());
        std::thread::spawn(move || {
            let exchange = rustix::fs::RenameFlags::EXCHANGE;
            while !over.load(Ordering::Relaxed) {
                for (one, other) in [("a", "b"), ("d", "e")] {
                    rustix::fs::renameat_with(&shared, one, &shared, other, exchange).unwrap();
                }
            }
        })
    };
    let said = run(
        &plugin,
        json!([
            ["read-often", "/directories/shared/a", 1_000, "inside"],
            [
                "read-often",
                "/directories/shared/d/secret",
                1_000,
                "inside"
            ],
        ]),
    )
    .await;
    over.store(true, Ordering::Relaxed);
    swapping.join().unwrap();
    assert_eq!(said, [json!([true, 0]), json!([true, 0])]);
}

#[tokio::test]
async fn links_are_not_made() {
    let disk = Disk::sharing(true);
    let plugin = disk.plugin().await;
    let refused = json!("not-permitted");
    check(
        &plugin,
        [
            (json!(["write", "/user-data/a", "x"]), done()),
            (
                json!(["hard-link", "/user-data/a", "/user-data/b"]),
                refused.clone(),
            ),
            (json!(["soft-link", "a", "/user-data/c"]), refused.clone()),
            (
                json!(["soft-link", "../outside", "/directories/shared/d"]),
                refused,
            ),
            (json!(["list", "/user-data"]), json!("a")),
            (json!(["list", "/directories/shared"]), json!("")),
        ],
    )
    .await;
}

#[tokio::test]
async fn nothing_is_moved_out_of_a_tree_or_into_another() {
    let disk = Disk::sharing(true);
    fs::write(disk.at("shared/theirs"), "theirs").unwrap();
    let plugin = disk.plugin().await;
    let apart = json!("cross-device");
    check(
        &plugin,
        [
            (json!(["write", "/user-data/a", "x"]), done()),
            (json!(["rename", "/user-data/a", "/cache/a"]), apart.clone()),
            (
                json!(["rename", "/user-data/a", "/directories/shared/theirs"]),
                apart.clone(),
            ),
            (
                json!(["rename", "/directories/shared/theirs", "/user-data/b"]),
                apart,
            ),
            (json!(["make-folder", "/user-data/f"]), done()),
            (
                json!(["rename", "/user-data/f", "/user-data/f/g"]),
                json!("invalid"),
            ),
            (
                json!(["rename", "/user-data/a", "/user-data/b/"]),
                json!("not-directory"),
            ),
            (json!(["rename", "/user-data/a", "/user-data/f/b"]), done()),
            (json!(["list", "/user-data/f"]), json!("b")),
        ],
    )
    .await;
    let out = json!([["rename", "/user-data/f/b", "/user-data/../b"]]);
    assert_ne!(run(&plugin, out).await, [done()]);
    assert!(!disk.kept("b").exists());
    assert_eq!(
        fs::read_to_string(disk.at("shared/theirs")).unwrap(),
        "theirs"
    );
}

#[tokio::test]
async fn a_folder_that_is_only_to_be_read_is_not_changed_in_any_way() {
    let disk = Disk::sharing(false);
    fs::create_dir(disk.at("shared/f")).unwrap();
    fs::write(disk.at("shared/a"), "theirs").unwrap();
    let plugin = disk.plugin().await;
    let at = |path: &str| format!("/directories/shared/{path}");
    let steps = json!([
        ["write", at("a"), "x"],
        ["write", at("new"), "x"],
        ["append", at("a"), "x"],
        ["truncate", at("a")],
        ["truncate", at("f/../a")],
        ["set-size", at("a"), 1],
        ["write-at", at("a"), 1],
        ["make-folder", at("g")],
        ["remove-folder", at("f")],
        ["remove", at("a")],
        ["rename", at("a"), at("b")],
        ["rename", at("a"), at("f/a")],
    ]);
    for said in run(&plugin, steps).await {
        assert_eq!(said, json!("read-only"));
    }
    assert_eq!(found_in(&disk.at("shared")), (6, 2));
    check(
        &plugin,
        [
            (json!(["read", at("a")]), json!("theirs")),
            (json!(["list", at("")]), json!("a f")),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_trailing_slash_makes_nothing_a_folder() {
    let disk = Disk::sharing(true);
    symlink("../outside", disk.at("shared/out")).unwrap();
    let plugin = disk.plugin().await;
    let no_folder = json!("not-directory");
    check(
        &plugin,
        [
            (json!(["write", "/user-data/a", "x"]), done()),
            (json!(["read", "/user-data/a/"]), no_folder.clone()),
            (json!(["remove", "/user-data/a/"]), no_folder.clone()),
            (
                json!(["write", "/user-data/new/", "x"]),
                json!("is-directory"),
            ),
            (
                json!(["remove-folder", "/directories/shared/out/"]),
                no_folder.clone(),
            ),
            (json!(["remove", "/directories/shared/out/"]), no_folder),
            (json!(["make-folder", "/user-data/f/"]), done()),
            (json!(["remove-folder", "/user-data/f/"]), done()),
            (json!(["list", "/user-data/"]), json!("a")),
        ],
    )
    .await;
    let list = json!([["list", "/directories/shared/out/"]]);
    assert_ne!(run(&plugin, list).await, [json!("secret")]);
}

#[tokio::test]
async fn only_files_and_folders_are_opened() {
    let mut disk = Disk::sharing(true);
    disk.folders.push(Folder {
        name: "dev".to_owned(),
        path: "/dev".into(),
        is_writable: true,
    });
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, disk.at("shared/pipe"), fifo, mode, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(disk.at("shared/socket")).unwrap();
    symlink("pipe", disk.at("shared/link")).unwrap();
    let plugin = disk.plugin().await;
    for path in [
        "shared/pipe",
        "shared/link",
        "shared/socket",
        "dev/zero",
        "dev/null",
    ] {
        let path = format!("/directories/{path}");
        let steps = json!([
            ["read-some", path, 1],
            ["append", path, "x"],
            ["truncate", path]
        ]);
        for said in run(&plugin, steps).await {
            assert_eq!(said, json!("not-permitted"), "{path}");
        }
    }
    check(
        &plugin,
        [(json!(["write", "/directories/shared/a", "x"]), done())],
    )
    .await;
}

#[tokio::test]
async fn another_plugins_user_data_cannot_be_reached() {
    let mut disk = Disk::new();
    let state = disk.state();
    disk.name = "other";
    let other = disk.plugin_of(&state).await;
    check(
        &other,
        [(json!(["write", "/user-data/a", "other's"]), done())],
    )
    .await;
    disk.name = "files";
    let plugin = disk.plugin_of(&state).await;
    for path in [
        "/user-data/../../other/user-data/a",
        "/user-data/../../../plugins/other/user-data/a",
        "/plugins/other/user-data/a",
        "/user-data/a",
    ] {
        let said = run(&plugin, json!([["read", path], ["list", path]])).await;
        assert!(!said.contains(&json!("other's")), "{path}: {said:?}");
    }
    check(
        &other,
        [(json!(["read", "/user-data/a"]), json!("other's"))],
    )
    .await;
}

// More than the quota.

fn tight() -> Limits {
    Limits {
        user_data_bytes: 1_000,
        user_data_files: 10,
        cache_bytes: 1_000,
        cache_files: 10,
        temp_bytes: 1_000,
        temp_files: 10,
        ..limits()
    }
}

#[tokio::test]
async fn bytes_are_bounded_however_they_are_written() {
    let disk = Disk::limited(tight());
    let plugin = disk.plugin().await;
    let quota = json!("quota");
    for top in ["/user-data", "/temp"] {
        let a = format!("{top}/a");
        check(
            &plugin,
            [
                (json!(["write-bytes", a, 1_001]), no_room()),
                (json!(["write-bytes", a, 1_000]), done()),
                (json!(["append", a, "x"]), no_room()),
                (json!(["set-size", a, 1_001]), quota.clone()),
                (json!(["set-size", a, u64::MAX >> 1]), quota.clone()),
                (json!(["write-at", a, 1_000]), no_room()),
                (json!(["write-at", a, 1u64 << 40]), no_room()),
                (json!(["write-at", a, 999]), done()),
                (json!(["size", a]), json!(1_000)),
                (json!(["set-size", a, 10]), done()),
                (json!(["set-size", a, 1_000]), done()),
                (json!(["write", format!("{top}/b"), "x"]), no_room()),
                (json!(["remove", a]), done()),
                (json!(["write", format!("{top}/b"), "x"]), done()),
                (json!(["remove", format!("{top}/b")]), done()),
                (json!(["write-by-wasi", top, 1_001]), json!("quota, quota")),
                (json!(["write-by-wasi", top, 1_000]), json!("done, done")),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn files_and_folders_are_counted_however_small() {
    let disk = Disk::limited(tight());
    let plugin = disk.plugin().await;
    for top in ["/user-data", "/temp"] {
        let at = |path: &str| format!("{top}/{path}");
        check(
            &plugin,
            [
                (json!(["make-folder", at("f")]), done()),
                (json!(["fill", at("f"), 100]), json!("9 then quota")),
                (json!(["make-folder", at("g")]), json!("quota")),
                (json!(["remove", at("f/0")]), done()),
                (json!(["make-folder", at("g")]), done()),
                (json!(["dig", at("g"), 100]), json!("0 then quota")),
            ],
        )
        .await;
    }
    assert_eq!(found_in(&disk.kept("user-data")), (8, 10));
}

#[tokio::test]
async fn a_file_without_a_name_takes_its_room_until_it_is_closed() {
    let disk = Disk::limited(tight());
    let plugin = disk.plugin().await;
    for top in ["/user-data", "/temp"] {
        let at = |path: &str| format!("{top}/{path}");
        check(
            &plugin,
            [
                (json!(["hoard", at("a"), 600]), done()),
                (json!(["hoard", at("b"), 600]), no_room()),
                (json!(["write-bytes", at("c"), 600]), no_room()),
                (json!(["let-go"]), done()),
                (json!(["write-bytes", at("c"), 600]), done()),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn replacing_a_file_gives_its_room_back() {
    let disk = Disk::limited(tight());
    let plugin = disk.plugin().await;
    let mut steps = Vec::new();
    for _ in 0..20 {
        steps.push(json!(["write-bytes", "/user-data/new", 400]));
        steps.push(json!(["rename", "/user-data/new", "/user-data/a"]));
    }
    for said in run(&plugin, json!(steps)).await {
        assert_eq!(said, done());
    }
    assert_eq!(found_in(&disk.kept("user-data")), (400, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_one_time_share_one_quota() {
    let disk = Disk::limited(tight());
    let plugin = disk.plugin().await;
    let steps = |name: &str| {
        let at = format!("/user-data/{name}");
        json!([
            ["make-folder", at],
            ["fill", at, 10],
            ["write-bytes", format!("{at}/big"), 600]
        ])
    };
    tokio::join!(
        run(&plugin, steps("a")),
        run(&plugin, steps("b")),
        run(&plugin, steps("c")),
    );
    let (bytes, files) = found_in(&disk.kept("user-data"));
    assert!(
        bytes <= 1_000 && files == 10,
        "{bytes} bytes, {files} files"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_share_a_state_directory_share_one_quota() {
    let disk = Disk::limited(tight());
    let (one, other) = (disk.state(), disk.state());
    let (one, other) = (disk.plugin_of(&one).await, disk.plugin_of(&other).await);
    check(
        &one,
        [(json!(["write-bytes", "/user-data/a", 600]), done())],
    )
    .await;
    let steps = json!([["write-bytes", "/user-data/b", 600]]);
    assert_eq!(run(&other, steps.clone()).await, [no_room()]);
    check(&one, [(json!(["remove", "/user-data/a"]), done())]).await;
    assert_eq!(run(&other, steps).await, [done()]);

    let fill = |name: &str| {
        let at = format!("/user-data/{name}");
        json!([["make-folder", at], ["fill", at, 100]])
    };
    tokio::join!(run(&one, fill("one")), run(&other, fill("other")));
    let (bytes, files) = found_in(&disk.kept("user-data"));
    assert!(
        bytes <= 1_000 && files == 10,
        "{bytes} bytes, {files} files"
    );
}

#[tokio::test]
async fn what_is_there_when_a_host_starts_is_counted() {
    let disk = Disk::limited(tight());
    let state = disk.state();
    drop(disk.places(&state).unwrap());
    fs::write(disk.kept("user-data/left"), [b'x'; 900]).unwrap();
    // What the note says counts for nothing when nobody finished it.
    fs::write(disk.kept("user-data.usage"), [0; 17]).unwrap();
    let plugin = disk.plugin_of(&state).await;
    check(
        &plugin,
        [
            (json!(["write-bytes", "/user-data/a", 200]), no_room()),
            (json!(["remove", "/user-data/left"]), done()),
            (json!(["write-bytes", "/user-data/a", 200]), done()),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_full_cache_makes_room_from_its_oldest_files() {
    let disk = Disk::limited(tight());
    let plugin = disk.plugin().await;
    let mut steps = vec![json!(["write-bytes", "/cache/0", 300])];
    steps.extend((1..30).map(|n| json!(["write-bytes", format!("/cache/{n}"), 90])));
    for said in run(&plugin, json!(steps)).await {
        assert_eq!(said, done());
    }
    let (bytes, files) = found_in(&disk.kept("cache"));
    assert!(
        bytes <= 1_000 && (1..=10).contains(&files),
        "{bytes} bytes, {files} files"
    );
    assert!(disk.kept("cache/29").exists() && !disk.kept("cache/0").exists());
    check(
        &plugin,
        [
            (json!(["write-bytes", "/cache/big", 1_001]), no_room()),
            (json!(["read", "/user-data/big"]), json!("no-entry")),
        ],
    )
    .await;
}

#[tokio::test]
async fn names_are_as_long_and_folders_as_deep_as_is_sensible() {
    let disk = Disk::sharing(true);
    let plugin = disk.plugin().await;
    for top in ["/user-data", "/temp", "/directories/shared"] {
        let at = |path: &str| format!("{top}/{path}");
        check(
            &plugin,
            [
                (
                    json!(["write", at(&"n".repeat(300)), "x"]),
                    json!("name-too-long"),
                ),
                (json!(["write", at(&"n".repeat(255)), "x"]), done()),
                (json!(["make-folder", at("f")]), done()),
                (json!(["dig", at("f"), 100]), json!("63 then quota")),
                (json!(["make-folder", at("g")]), done()),
                (json!(["rename", at("f"), at("g/f")]), json!("quota")),
                (json!(["rename", at("f"), at("h")]), done()),
            ],
        )
        .await;
    }
    until(|| disk.temps().is_empty()).await;
}

// What no operator can give away.

#[tokio::test]
async fn the_hosts_own_files_are_not_shared_by_any_spelling() {
    let disk = Disk::new();
    let state = disk.state();
    for folder in ["cache", "config", "run"] {
        fs::create_dir(disk.at(folder)).unwrap();
    }
    fs::write(disk.at("config/portcullis.toml"), "").unwrap();
    symlink(disk.at("cache"), disk.at("shared/link")).unwrap();
    symlink(disk.dir.path(), disk.at("outside/up")).unwrap();
    let check = |path: &str, own: Option<&str>| {
        let folders = [Folder {
            name: "data".to_owned(),
            path: disk.at(path),
            is_writable: false,
        }];
        let owns = ["cache", "config/portcullis.toml", "run/lock", "log"].map(|own| disk.at(own));
        let opened = Places::open(&disk.keys(), &disk.limits, &state, &folders, &owns);
        match (opened.err(), own) {
            (None, None) => {}
            (Some(error @ PlacesError::Forbidden { .. }), Some(own)) => {
                let text = error.to_string();
                for path in [disk.at(path), disk.at(own)] {
                    assert!(text.contains(&path.display().to_string()), "{text}");
                }
            }
            (error, own) => panic!("{path}: {error:?} for {own:?}"),
        }
    };
    check("shared", None);
    check("outside", None);
    check("cache", Some("cache"));
    check("shared/link", Some("cache"));
    check("shared/../cache/.", Some("cache"));
    check("outside/up/cache", Some("cache"));
    check("state", Some("state"));
    check("state/plugins", Some("state"));
    check("state/plugins/files/user-data", Some("state"));
    check("state/temp", Some("state"));
    check("config", Some("config/portcullis.toml"));
    check("run", Some("run/lock"));
    check("", Some("state"));
    check("outside/up", Some("state"));
    check("..", Some("state"));
    check("/", Some("state"));
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let mut disk = Disk::sharing(false);
    disk.folders[0].path = disk.at("missing");
    let error = disk.places(&disk.state()).err().unwrap().to_string();
    assert!(
        error.contains("missing") && error.contains("`shared`"),
        "{error}"
    );
}

// What was not given.

#[tokio::test]
async fn a_kind_that_was_asked_for_and_not_granted_refuses_everything_and_people_learn_why() {
    let mut disk = Disk::new();
    disk.granted = vec![StorageKind::Cache];
    let plugin = disk.plugin().await;
    for path in ["/user-data/a", "/temp/a", "/directories/shared/a"] {
        let steps = json!([
            ["read", path],
            ["write", path, "x"],
            ["size", path],
            ["remove", path],
            ["rename", path, "/cache/a"],
            ["make-folder", path],
        ]);
        for said in run(&plugin, steps).await {
            assert_eq!(said, json!("not-permitted"), "{path}");
        }
    }
    check(&plugin, [(json!(["write", "/cache/a", "x"]), done())]).await;
    let denials = plugin.denials();
    let refused: BTreeSet<_> = denials
        .iter()
        .map(|denial| denial.attempt.clone())
        .collect();
    let kinds = [
        StorageKind::UserData,
        StorageKind::Temp,
        StorageKind::Directories,
    ];
    assert_eq!(refused, kinds.map(Attempt::Storage).into());
    for denial in denials {
        assert_eq!(denial.missing, [Key::Policy, Key::Grant]);
        let remedy = &denial.remedies[1].lines;
        assert!(remedy.contains("[plugins.files.grants]"), "{remedy}");
        assert!(remedy.contains("\"cache\""), "{remedy}");
    }
}

#[tokio::test]
async fn a_kind_that_was_not_asked_for_is_not_there_unless_people_want_to_learn_of_it() {
    let mut disk = Disk::new();
    disk.requested = Vec::new();
    let steps = json!([["write", "/user-data/a", "x"], ["list", "/"]]);
    let plugin = disk.plugin().await;
    for said in run(&plugin, steps.clone()).await {
        assert_ne!(said, done());
    }
    assert!(plugin.denials().is_empty() && !disk.kept("").exists());

    disk.is_watched = true;
    let plugin = disk.plugin().await;
    assert_eq!(run(&plugin, steps).await[0], json!("not-permitted"));
    assert_eq!(plugin.denials()[0].missing, [Key::Request]);
}

#[tokio::test]
async fn looking_at_files_counts_as_calls_into_the_host() {
    let disk = Disk::limited(Limits {
        host_calls: 100,
        ..limits()
    });
    let plugin = disk.plugin().await;
    let steps = json!([["read-often", "/user-data/a", 1_000, ""]]);
    let ended = call(&plugin, steps, Call::default()).await;
    assert!(matches!(
        ended.unwrap_err().kind,
        FailureKind::HostCalls { allowed: 100 }
    ));
    check(&plugin, [(json!(["write", "/user-data/a", "x"]), done())]).await;
}
