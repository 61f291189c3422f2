//! The rules of a store. What a guest sees of it is tested in `tests/key_value.rs`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::limits::KEY_PAGE_ITEMS;

/// A value that nothing about text is true of.
const BINARY: &[u8] = &[0, 0xff, b'\'', b'\n', 0];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn store(dir: &Path) -> KeyValue {
    KeyValue::new(dir, &Limits::default())
}

fn store_of(dir: &Path, key_value_bytes: u64, key_value_keys: u64) -> KeyValue {
    let limits = Limits {
        key_value_bytes,
        key_value_keys,
        ..Limits::default()
    };
    KeyValue::new(dir, &limits)
}

async fn set(store: &KeyValue, key: &str, value: impl AsRef<[u8]>) -> Result<(), KeyValueError> {
    store.set(key.to_owned(), value.as_ref().to_vec()).await
}

async fn get(store: &KeyValue, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
    store.get(key.to_owned()).await
}

/// Writes to a new file and closes it, so that all of it is in the one file.
fn fill(dir: &Path, n_keys: u32) {
    let quotas = Quotas::of(&Limits::default());
    let mut database = Database::open(dir, FILE_NAME).expect("a new file opens");
    for n in 0..n_keys {
        let (key, value) = (format!("key {n}"), [n as u8; 3_000]);
        database
            .write(&key, Some(&value), quotas)
            .expect("it can be written");
    }
}

#[tokio::test]
async fn a_store_makes_no_file_until_it_is_used_and_then_a_private_folder() {
    let dir = folder();
    let own = dir.path().join("state/plugin");
    let store = store(&own);
    assert!(!own.exists());
    assert_eq!(get(&store, "key").await, Ok(None));
    assert!(own.join(FILE_NAME).exists());
    let mode = fs::metadata(&own).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn any_text_is_a_key_and_any_bytes_are_a_value() {
    let dir = folder();
    let keys = [
        "",
        "plain",
        "a\0b",
        "a\0c",
        "a\nb",
        "'; DROP TABLE entries; --",
        "%_*?",
        "../../../etc/passwd",
        "\u{10ffff}",
        "é",
    ];
    let first = store(dir.path());
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(
            set(&first, key, [BINARY, &[n as u8]].concat()).await,
            Ok(())
        );
    }
    let next = store(dir.path());
    for (n, key) in keys.iter().enumerate() {
        let value = Some([BINARY, &[n as u8]].concat());
        assert_eq!(get(&next, key).await, Ok(value), "{key:?}");
    }
    assert_eq!(next.exists("a".to_owned()).await, Ok(false));
    assert_eq!(next.delete("a\0b".to_owned()).await, Ok(()));
    assert_eq!(next.delete("a\0b".to_owned()).await, Ok(()));
    assert_eq!(get(&first, "a\0b").await, Ok(None));
    assert_eq!(first.exists("a\0c".to_owned()).await, Ok(true));
}

#[tokio::test]
async fn keys_and_values_have_a_greatest_length() {
    let dir = folder();
    let store = store(dir.path());
    let longest = "k".repeat(KEY_BYTES_MAX);
    let longer = "k".repeat(KEY_BYTES_MAX + 1);
    let largest = vec![0; VALUE_BYTES_MAX];
    let larger = vec![0; VALUE_BYTES_MAX + 1];

    assert_eq!(set(&store, &longest, &largest).await, Ok(()));
    assert_eq!(get(&store, &longest).await, Ok(Some(largest)));

    let refused = Err(KeyValueError::KeyTooLong);
    assert_eq!(set(&store, &longer, "").await, refused);
    assert_eq!(store.delete(longer.clone()).await, refused);
    assert_eq!(get(&store, &longer).await, Err(KeyValueError::KeyTooLong));
    assert!(store.exists(longer.clone()).await.is_err());
    assert!(store.list_keys(longer.clone(), None).await.is_err());
    assert!(store.list_keys(String::new(), Some(longer)).await.is_err());

    let refused = Err(KeyValueError::ValueTooLong);
    assert_eq!(set(&store, "k", &larger).await, refused);
    let swapped = store.compare_and_set("k".to_owned(), None, Some(larger));
    assert_eq!(swapped.await, Err(KeyValueError::ValueTooLong));
    assert_eq!(get(&store, "k").await, Ok(None));
}

#[tokio::test]
async fn the_quota_of_bytes_holds_to_the_byte() {
    let dir = folder();
    let store = store_of(dir.path(), 10, 100);
    let full = Err(KeyValueError::QuotaExceeded(Quota::Bytes));
    assert_eq!(set(&store, "aa", "12345678").await, Ok(()));
    assert_eq!(set(&store, "b", "").await, full);
    assert_eq!(set(&store, "aa", "123456789").await, full);
    assert_eq!(get(&store, "aa").await, Ok(Some(b"12345678".to_vec())));
    assert_eq!(set(&store, "aa", "1234567").await, Ok(()));
    assert_eq!(set(&store, "b", "").await, Ok(()));
    let swapped = store.compare_and_set("b".into(), Some(Vec::new()), Some(b"1".to_vec()));
    assert_eq!(
        swapped.await,
        Err(KeyValueError::QuotaExceeded(Quota::Bytes))
    );
    assert_eq!(store.delete("aa".into()).await, Ok(()));
    assert_eq!(set(&store, "b", "123456789").await, Ok(()));
}

#[tokio::test]
async fn the_quota_of_keys_holds_and_a_key_that_is_there_can_be_written() {
    let dir = folder();
    let store = store_of(dir.path(), 1_000, 2);
    let full = Err(KeyValueError::QuotaExceeded(Quota::Keys));
    assert_eq!(set(&store, "a", "1").await, Ok(()));
    assert_eq!(set(&store, "b", "1").await, Ok(()));
    assert_eq!(set(&store, "c", "").await, full);
    assert_eq!(set(&store, "b", "22").await, Ok(()));
    assert_eq!(store.delete("a".into()).await, Ok(()));
    assert_eq!(set(&store, "c", "").await, Ok(()));
}

#[tokio::test]
async fn a_store_over_a_lowered_quota_can_shrink_and_not_grow() {
    let dir = folder();
    let wide = store(dir.path());
    for key in ["a", "b", "c"] {
        assert_eq!(set(&wide, key, "123456789").await, Ok(()));
    }
    let narrow = store_of(dir.path(), 10, 1);
    assert!(set(&narrow, "d", "").await.is_err());
    assert!(set(&narrow, "a", "1234567890").await.is_err());
    assert_eq!(set(&narrow, "a", "12345678").await, Ok(()));
    assert_eq!(narrow.delete("b".into()).await, Ok(()));
    assert_eq!(get(&narrow, "c").await, Ok(Some(b"123456789".to_vec())));
}

#[tokio::test]
async fn a_value_is_swapped_only_for_the_expected_one() {
    let dir = folder();
    let store = store(dir.path());
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let swap = async |expected: Option<Vec<u8>>, new| {
        let done = store.compare_and_set("k".to_owned(), expected, new).await;
        done.expect("the store works")
    };
    assert_eq!(swap(bytes("1"), bytes("2")).await, Swap::Differs(None));
    assert_eq!(swap(None, bytes("1")).await, Swap::Done);
    assert_eq!(swap(None, bytes("2")).await, Swap::Differs(bytes("1")));
    assert_eq!(swap(bytes(""), None).await, Swap::Differs(bytes("1")));
    assert_eq!(swap(bytes("1"), bytes("")).await, Swap::Done);
    assert_eq!(swap(None, bytes("2")).await, Swap::Differs(bytes("")));
    assert_eq!(swap(bytes(""), None).await, Swap::Done);
    assert_eq!(swap(None, None).await, Swap::Done);
    assert_eq!(get(&store, "k").await, Ok(None));
}

#[tokio::test]
async fn pages_list_every_key_once_and_in_order() {
    let dir = folder();
    fill(dir.path(), 2 * KEY_PAGE_ITEMS as u32 + 1);
    let store = store(dir.path());
    let (mut keys, mut cursor, mut n_pages) = (Vec::new(), None, 0);
    loop {
        let page = store.list_keys(String::new(), cursor).await.unwrap();
        assert!(page.keys.len() <= KEY_PAGE_ITEMS);
        keys.extend(page.keys);
        n_pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((keys.len(), n_pages), (2 * KEY_PAGE_ITEMS + 1, 3));
    assert!(keys.is_sorted_by(|a, b| a < b));
}

#[tokio::test]
async fn any_cursor_and_any_prefix_list_keys_of_this_store_only() {
    let dir = folder();
    let store = store(dir.path());
    for key in ["", "a", "a\0", "ab", "a\u{7f}", "aé", "b", "\u{10ffff}"] {
        assert_eq!(set(&store, key, "").await, Ok(()));
    }
    let check = async |prefix: &str, cursor: Option<&str>, expected: &[&str]| {
        let listed = store.list_keys(prefix.to_owned(), cursor.map(str::to_owned));
        assert_eq!(
            listed.await.unwrap().keys,
            expected,
            "{prefix:?} {cursor:?}"
        );
    };
    check("", Some("b"), &["\u{10ffff}"]).await;
    check(
        "",
        Some(""),
        &["a", "a\0", "ab", "a\u{7f}", "aé", "b", "\u{10ffff}"],
    )
    .await;
    check("", Some("\u{10ffff}"), &[]).await;
    check(
        "",
        Some("' OR 1 = 1 --"),
        &["a", "a\0", "ab", "a\u{7f}", "aé", "b", "\u{10ffff}"],
    )
    .await;
    check("a", None, &["a", "a\0", "ab", "a\u{7f}", "aé"]).await;
    check("a", Some("a"), &["a\0", "ab", "a\u{7f}", "aé"]).await;
    check("a", Some("a\0"), &["ab", "a\u{7f}", "aé"]).await;
    // A cursor of another list leads nowhere else.
    check("a", Some("zzz"), &[]).await;
    check("b", Some("a"), &["b"]).await;
    check("a\u{7f}", None, &["a\u{7f}"]).await;
    check("\u{10ffff}", None, &["\u{10ffff}"]).await;
    check("%", None, &[]).await;
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_no_transaction_behind() {
    let dir = folder();
    let (ours, other) = (store(dir.path()), store(dir.path()));
    assert_eq!(set(&ours, "k", "before").await, Ok(()));
    // Somebody holds the file, so the write waits; its caller does not wait so long.
    let holder = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let deadline = Duration::from_millis(20);
    let written = tokio::time::timeout(deadline, set(&ours, "k", "late")).await;
    assert!(written.is_err(), "{written:?}");
    // Reading waits for nobody who writes.
    assert_eq!(get(&other, "k").await, Ok(Some(b"before".to_vec())));
    holder.execute_batch("ROLLBACK").unwrap();

    assert_eq!(set(&ours, "k", "after").await, Ok(()));
    assert_eq!(set(&other, "k", "and other").await, Ok(()));
    assert_eq!(get(&ours, "k").await, Ok(Some(b"and other".to_vec())));
}

#[test]
fn hosts_that_make_a_store_at_the_same_moment_all_get_it() {
    let dir = folder();
    let quotas = Quotas::of(&Limits::default());
    std::thread::scope(|scope| {
        for n in 0..8 {
            let dir = dir.path();
            scope.spawn(move || {
                let mut database = Database::open(dir, FILE_NAME).expect("it opens");
                let key = format!("{n}");
                database.write(&key, Some(b""), quotas).expect("it writes");
            });
        }
    });
    let database = Database::open(dir.path(), FILE_NAME).expect("it opens");
    assert_eq!(database.list_keys("", None).unwrap().keys.len(), 8);
}

#[tokio::test]
async fn a_damaged_file_is_an_error_and_is_left_as_it_is() {
    let damaged = async |what: &str, damage: &dyn Fn(&mut Vec<u8>)| {
        let dir = folder();
        fill(dir.path(), 100);
        let path = dir.path().join(FILE_NAME);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();

        let store = store(dir.path());
        for error in [
            set(&store, "k", "v").await.err(),
            get(&store, "key 1").await.err(),
            store.list_keys(String::new(), None).await.err(),
        ] {
            let error = error.unwrap_or_else(|| panic!("{what} goes unnoticed"));
            assert!(matches!(error, KeyValueError::Damaged { .. }), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()));
            assert!(!error.without_path().contains('/'));
        }
        assert!(fs::read(&path).unwrap() == bytes, "{what} was changed");

        // Once it is put right, the same store works again.
        fs::remove_file(&path).unwrap();
        assert_eq!(set(&store, "k", "v").await, Ok(()), "{what}");
    };
    damaged("another kind of file", &|bytes| bytes.fill(b'x')).await;
    damaged("half a file", &|bytes| bytes.truncate(bytes.len() / 2)).await;
    damaged("a hole in the middle", &|bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8_192].fill(0xaa);
    })
    .await;
}

#[tokio::test]
async fn a_link_in_the_place_of_the_file_is_not_followed() {
    let dir = folder();
    fill(&dir.path().join("theirs"), 1);
    let ours = dir.path().join("ours");
    fs::create_dir(&ours).unwrap();
    symlink(
        dir.path().join("theirs").join(FILE_NAME),
        ours.join(FILE_NAME),
    )
    .unwrap();
    let refused = get(&store(&ours), "key 0").await;
    assert!(
        matches!(refused, Err(KeyValueError::Unusable { .. })),
        "{refused:?}"
    );
    // The way to it may go through a link.
    symlink(dir.path().join("theirs"), dir.path().join("way")).unwrap();
    let found = get(&store(&dir.path().join("way")), "key 0").await;
    assert!(found.is_ok_and(|value| value.is_some()));
}

#[tokio::test]
async fn a_file_of_a_later_version_is_refused_and_not_changed() {
    let dir = folder();
    fill(dir.path(), 1);
    let raw = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    raw.pragma_update(None, "user_version", 2).unwrap();
    let refused = set(&store(dir.path()), "k", "v").await.unwrap_err();
    assert!(refused.to_string().contains("version 2"), "{refused}");
    let n_keys = raw.query_row("SELECT count(*) FROM entries", [], |row| row.get(0));
    assert_eq!(n_keys, Ok(1));
}

#[tokio::test]
async fn what_somebody_else_wrote_into_the_file_counts() {
    let dir = folder();
    fill(dir.path(), 1);
    let raw = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    raw.execute("INSERT INTO entries VALUES (x'61', zeroblob(5000))", [])
        .unwrap();
    // "key 0" and its 3,000 bytes, "a" and its 5,000: 8,006.
    let store = store_of(dir.path(), 8_010, 100);
    assert_eq!(set(&store, "b", "123").await, Ok(()));
    assert!(set(&store, "c", "").await.is_err());
}

#[tokio::test]
async fn a_place_that_cannot_be_used_is_named() {
    let dir = folder();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = get(&store(&file.join("below")), "k").await.unwrap_err();
    assert!(
        matches!(refused, KeyValueError::Unusable { .. }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("file/below"), "{refused}");
}
