use super::*;

fn plugin(name: &str) -> PluginName {
    name.parse().expect("a name")
}

fn row(store: &TaskStore, expires_ms: u64) -> TaskRow {
    TaskRow {
        plugin: plugin("demo"),
        expires_ms,
        phase: Phase::Working,
        runner: Some(store.runner().to_owned()),
        record: b"first".to_vec(),
    }
}

fn open(dir: &Path) -> TaskStore {
    let state = State::open(dir).expect("it can be used");
    TaskStore::open(&state).expect("it can be opened")
}

#[tokio::test]
async fn a_task_is_found_by_every_host_until_its_time_is_over() {
    let outer = tempfile::tempdir().expect("a temporary directory");
    let dir = outer.path().join("state");
    assert!(!TaskStore::is_in(&dir));
    let (first, second) = (open(&dir), open(&dir));
    assert!(TaskStore::is_in(&dir));
    let id = first
        .create(row(&first, 100), 9, 1)
        .await
        .expect("it is kept");
    for store in [&first, &second] {
        let found = store.read(id.clone(), 99).await.expect("it can be read");
        assert_eq!(found, Some(row(&first, 100)));
        let found = store.read(id.clone(), 100).await.expect("it can be read");
        assert_eq!(found, None);
    }
    let changed = second.change(id.clone(), 100, |_| ()).await;
    assert_eq!(changed, Ok(None));
    // It was removed by whoever touched it.
    assert_eq!(first.read(id, 1).await, Ok(None));
}

#[tokio::test]
async fn names_are_long_random_and_only_their_own() {
    let store = TaskStore::in_memory().expect("there is memory");
    let mut names = std::collections::HashSet::new();
    for _ in 0..64 {
        let id = store.create(row(&store, 100), 64, 1).await.expect("room");
        assert!(id.as_str().len() >= 22, "{id:?}");
        assert!(names.insert(id));
    }
    assert_eq!(TaskId::parse(&"x".repeat(65)), None);
    let stranger = TaskId::parse("' OR 1=1 --").expect("it is short");
    assert_eq!(store.read(stranger, 1).await, Ok(None));
}

#[tokio::test]
async fn a_plugin_has_so_many_tasks_and_its_neighbour_as_many_of_its_own() {
    let store = TaskStore::in_memory().expect("there is memory");
    let create = async |name: &str, now_ms| {
        let row = TaskRow {
            plugin: plugin(name),
            ..row(&store, 100)
        };
        store.create(row, 2, now_ms).await.map(drop)
    };
    assert_eq!(create("demo", 1).await, Ok(()));
    assert_eq!(create("demo", 1).await, Ok(()));
    let full = Err(TaskStoreError::Full { allowed: 2 });
    assert_eq!(create("demo", 1).await, full);
    assert_eq!(create("other", 1).await, Ok(()));
    // Those whose time is over make room.
    assert_eq!(create("demo", 100).await, Ok(()));
}

#[tokio::test]
async fn only_the_task_of_a_host_that_is_gone_can_be_claimed_and_only_once() {
    let outer = tempfile::tempdir().expect("a temporary directory");
    let dir = outer.path().join("state");
    let (first, second, third) = (open(&dir), open(&dir), open(&dir));
    let id = first.create(row(&first, 100), 9, 1).await.expect("room");
    let claim = async |store: &TaskStore| store.claim(id.clone(), 1).await.expect("it answers");
    assert_eq!(claim(&second).await, None, "its host lives");
    drop(first);
    let claimed = claim(&second).await.expect("its host is gone");
    assert_eq!(claimed.runner.as_deref(), Some(second.runner()));
    assert_eq!(claim(&third).await, None, "another host has it");
    let listed = third.unfinished(1).await.expect("it answers");
    assert_eq!(listed, [id.clone()]);

    let ended = second.change(id.clone(), 1, |row| row.phase = Phase::Ended);
    ended.await.expect("it answers");
    drop(second);
    assert_eq!(claim(&third).await, None, "it is over");
    assert_eq!(third.unfinished(1).await, Ok(Vec::new()));
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_one_of_another_version_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().expect("a temporary directory");
    let dir = outer.path().join("state");
    drop(open(&dir));
    let tasks = std::fs::metadata(dir.join(TASKS)).expect("it is there");
    assert_eq!(tasks.permissions().mode() & 0o777, 0o700);

    let file = rusqlite::Connection::open(dir.join(TASKS).join(FILE_NAME)).expect("it opens");
    file.pragma_update(None, "user_version", 2)
        .expect("it is written");
    let state = State::open(&dir).expect("it can be used");
    let refused = TaskStore::open(&state)
        .err()
        .expect("it is another version");
    assert!(refused.to_string().contains("version 2"), "{refused}");
    assert!(!refused.without_path().contains("tasks.sqlite"));
}
