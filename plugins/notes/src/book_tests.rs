//! The rules of the notebook, also with others writing at the same time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::*;

/// What somebody else does.
type Act = Box<dyn Fn(&Memory)>;

/// A store in memory, in which something may happen just before a write.
#[derive(Default)]
struct Memory {
    values: RefCell<BTreeMap<String, Vec<u8>>>,
    /// What happens before the next writes.
    meanwhile: RefCell<Vec<Act>>,
    n_writes: Cell<usize>,
}

impl Memory {
    fn put(&self, key: &str, value: &[u8]) {
        self.values
            .borrow_mut()
            .insert(key.to_owned(), value.to_vec());
    }
}

impl Store for Memory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NotesError> {
        Ok(self.values.borrow().get(key).cloned())
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, NotesError> {
        let values = self.values.borrow();
        let keys = values.keys().filter(|key| key.starts_with(prefix));
        Ok(keys.cloned().collect())
    }

    fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<Swap, NotesError> {
        let next = self.meanwhile.borrow_mut().pop();
        if let Some(happens) = next {
            happens(self);
        }
        self.n_writes.set(self.n_writes.get() + 1);
        let current = self.get(key)?;
        if current.as_deref() != expected {
            return Ok(Swap::Differs(current));
        }
        match new {
            Some(value) => self.put(key, value),
            None => drop(self.values.borrow_mut().remove(key)),
        }
        Ok(Swap::Done)
    }
}

/// A store that always has another value than the one expected.
struct Restless;

impl Store for Restless {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, NotesError> {
        Ok(Some(b"1".to_vec()))
    }

    fn keys(&self, _: &str) -> Result<Vec<String>, NotesError> {
        Ok(Vec::new())
    }

    fn swap(&self, _: &str, _: Option<&[u8]>, _: Option<&[u8]>) -> Result<Swap, NotesError> {
        Ok(Swap::Differs(Some(b"1".to_vec())))
    }
}

/// A store that was not granted.
struct Closed;

impl Store for Closed {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, NotesError> {
        Err(NotesError::NotGranted)
    }

    fn keys(&self, _: &str) -> Result<Vec<String>, NotesError> {
        Err(NotesError::NotGranted)
    }

    fn swap(&self, _: &str, _: Option<&[u8]>, _: Option<&[u8]>) -> Result<Swap, NotesError> {
        Err(NotesError::NotGranted)
    }
}

fn at(store: &dyn Store, second: i64) -> Book<'_> {
    Book::new(store, Timestamp::from_second(second).unwrap())
}

fn tags(written: &[&str]) -> Vec<String> {
    written.iter().map(|tag| (*tag).to_owned()).collect()
}

fn ids(selection: &Selection) -> Vec<u32> {
    selection.notes.iter().map(|note| note.id).collect()
}

#[test]
fn a_note_is_kept_as_it_was_written() {
    let store = Memory::default();
    let added = at(&store, 0)
        .add(" My  title", "text\n".to_owned(), &tags(&["B", "a"]))
        .unwrap();
    let expected = Note {
        id: 1,
        title: "My title".to_owned(),
        text: "text\n".to_owned(),
        tags: tags(&["a", "b"]),
        created: "1970-01-01T00:00:00Z".to_owned(),
        changed: "1970-01-01T00:00:00Z".to_owned(),
        revision: 1,
    };
    assert_eq!(added, expected);
    assert_eq!(at(&store, 9).get(1), Ok(expected));
}

#[test]
fn a_number_is_never_used_twice() {
    let store = Memory::default();
    let book = at(&store, 0);
    for expected in 1..=3 {
        assert_eq!(book.add("t", String::new(), &[]).unwrap().id, expected);
    }
    book.delete(3).unwrap();
    assert_eq!(book.add("t", String::new(), &[]).unwrap().id, 4);
}

#[test]
fn an_update_changes_only_what_it_names() {
    let store = Memory::default();
    at(&store, 0)
        .add("t", "x".to_owned(), &tags(&["a"]))
        .unwrap();
    let changes = Changes {
        title: Some("new".to_owned()),
        ..Changes::default()
    };
    let note = at(&store, 60).update(1, &changes).unwrap();
    assert_eq!(
        (&*note.title, &*note.text, &note.tags),
        ("new", "x", &tags(&["a"]))
    );
    assert_eq!((&*note.changed, note.revision), ("1970-01-01T00:01:00Z", 2));
    let changes = Changes {
        tags: Some(Vec::new()),
        ..Changes::default()
    };
    assert_eq!(at(&store, 60).update(1, &changes).unwrap().tags, tags(&[]));
    assert!(at(&store, 60).update(1, &Changes::default()).is_err());
}

#[test]
fn an_update_of_what_was_changed_meanwhile_can_be_refused() {
    let store = Memory::default();
    let book = at(&store, 0);
    book.add("t", String::new(), &[]).unwrap();
    book.append(1, "more").unwrap();
    let changes = |revision| Changes {
        text: Some("mine".to_owned()),
        revision: Some(revision),
        ..Changes::default()
    };
    let refused = Err(NotesError::Changed { id: 1, revision: 2 });
    assert_eq!(book.update(1, &changes(1)), refused);
    assert_eq!(book.update(1, &changes(2)).unwrap().text, "mine");
}

#[test]
fn what_is_appended_begins_a_line() {
    let store = Memory::default();
    let book = at(&store, 0);
    book.add("t", String::new(), &[]).unwrap();
    assert_eq!(book.append(1, "one").unwrap().text, "one");
    assert_eq!(book.append(1, "two\n").unwrap().text, "one\ntwo\n");
    assert_eq!(book.append(1, "three").unwrap().text, "one\ntwo\nthree");
    let long = "a".repeat(note::TEXT_BYTES_MAX);
    assert!(book.append(1, &long).is_err());
    assert_eq!(book.get(1).unwrap().revision, 4);
}

#[test]
fn two_who_add_at_the_same_time_get_two_notes() {
    let store = Memory::default();
    store.meanwhile.borrow_mut().push(Box::new(|store| {
        at(store, 0).add("other", String::new(), &[]).unwrap();
    }));
    let added = at(&store, 0).add("mine", String::new(), &[]).unwrap();
    assert_eq!(added.id, 2);
    assert_eq!(at(&store, 0).get(1).unwrap().title, "other");
    assert_eq!(at(&store, 0).list(None, 0, 9).unwrap().total, 2);
}

#[test]
fn two_who_append_at_the_same_time_lose_no_line() {
    let store = Memory::default();
    at(&store, 0).add("t", String::new(), &[]).unwrap();
    for other in ["b", "a"] {
        store.meanwhile.borrow_mut().push(Box::new(move |store| {
            at(store, 0).append(1, other).unwrap();
        }));
    }
    at(&store, 0).append(1, "mine").unwrap();
    let text = at(&store, 0).get(1).unwrap().text;
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["a", "b", "mine"]);
}

#[test]
fn what_is_deleted_meanwhile_is_not_written_again() {
    let store = Memory::default();
    at(&store, 0).add("t", String::new(), &[]).unwrap();
    store.meanwhile.borrow_mut().push(Box::new(|store| {
        at(store, 0).delete(1).unwrap();
    }));
    let gone = Err(NotesError::NotFound { id: 1 });
    assert_eq!(at(&store, 0).append(1, "more"), gone);
    assert_eq!(at(&store, 0).get(1), gone);
    assert_eq!(at(&store, 0).delete(1), gone);
}

#[test]
fn a_store_that_never_rests_is_given_up() {
    assert_eq!(
        at(&Restless, 0).add("t", String::new(), &[]),
        Err(NotesError::Busy)
    );
}

#[test]
fn a_search_finds_all_words_and_titles_first() {
    let store = Memory::default();
    for (second, title, text, tag) in [
        (1, "Garden", "Water the roses", "home"),
        (2, "Shopping", "roses and a GARDEN hose", "home"),
        (3, "Work", "a rose is a rose", "job"),
    ] {
        at(&store, second)
            .add(title, text.to_owned(), &tags(&[tag]))
            .unwrap();
    }
    let book = at(&store, 9);
    for (query, tag, expected) in [
        ("garden", None, &[1, 2][..]),
        ("ROSE", None, &[3, 2, 1]),
        ("rose", Some("#Home"), &[2, 1]),
        ("roses garden", None, &[1, 2]),
        ("home", None, &[2, 1]),
        ("nothing", None, &[]),
    ] {
        assert_eq!(
            ids(&book.search(query, tag, 9).unwrap()),
            expected,
            "{query}"
        );
    }
    let some = book.search("rose", None, 1).unwrap();
    assert_eq!((some.notes.len(), some.total), (1, 3));
    assert!(book.search(" ", None, 9).is_err());
}

#[test]
fn a_list_begins_with_what_was_changed_last() {
    let store = Memory::default();
    for second in 1..=4 {
        at(&store, second).add("t", String::new(), &[]).unwrap();
    }
    at(&store, 9).append(2, "x").unwrap();
    assert_eq!(ids(&at(&store, 9).list(None, 0, 9).unwrap()), [2, 4, 3, 1]);
    let some = at(&store, 9).list(None, 1, 2).unwrap();
    assert_eq!((ids(&some), some.total), (vec![4, 3], 4));
}

#[test]
fn what_is_damaged_is_named_and_not_overwritten() {
    let store = Memory::default();
    store.put("note/0000000001", b"{");
    store.put("next", b"soon");
    let book = at(&store, 0);
    assert!(matches!(book.get(1), Err(NotesError::Failed { .. })));
    assert!(matches!(
        book.append(1, "x"),
        Err(NotesError::Failed { .. })
    ));
    assert!(matches!(
        book.add("t", String::new(), &[]),
        Err(NotesError::Failed { .. })
    ));
    assert_eq!(store.n_writes.get(), 0);
}

#[test]
fn notes_together_stay_readable() {
    let store = Memory::default();
    let book = at(&store, 0);
    for _ in 0..4 {
        book.add("t", "x".repeat(50_000), &tags(&["a"])).unwrap();
    }
    let (text, n_left_out) = book.together(Some("a")).unwrap();
    assert!(text.len() <= TOGETHER_BYTES_MAX);
    assert_eq!(n_left_out, 2);
    assert_eq!(book.together(Some("b")).unwrap(), (String::new(), 0));
    assert_eq!(book.tags().unwrap(), ["a"]);
}

#[test]
fn without_a_store_everything_says_so() {
    let book = at(&Closed, 0);
    let closed = NotesError::NotGranted;
    assert_eq!(
        book.add("t", String::new(), &[]).err(),
        Some(closed.clone())
    );
    assert_eq!(book.append(1, "x").err(), Some(closed.clone()));
    assert_eq!(book.get(1).err(), Some(closed.clone()));
    assert_eq!(book.delete(1).err(), Some(closed.clone()));
    assert_eq!(book.list(None, 0, 1).err(), Some(closed.clone()));
    assert_eq!(book.search("x", None, 1).err(), Some(closed.clone()));
    assert_eq!(book.together(None).err(), Some(closed));
}
