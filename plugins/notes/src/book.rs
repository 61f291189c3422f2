//! All notes: made, changed, found and deleted, while others may do the same.
//!
//! A note is one value, and each write replaces exactly the value it was made from. Nothing else is kept but the next
//! number, so there is nothing that two writers could bring out of step.

use jiff::Timestamp;
use portcullis_plugin::serde_json;

use crate::error::NotesError;
use crate::note::{self, Note, Summary};
use crate::store::{Store, Swap};

/// The key of the next number.
const NEXT: &str = "next";

/// What the keys of notes begin with.
const NOTES: &str = "note/";

/// How often a write is tried again when others write at the same time. One writer gets through each time, so this many
/// would have to be faster.
const TRIES_MAX: usize = 64;

/// Bytes of notes that one prompt holds. A model reads no more with profit.
const TOGETHER_BYTES_MAX: usize = 128 << 10;

/// All notes of one store.
pub struct Book<'a> {
    store: &'a dyn Store,
    now: Timestamp,
}

/// What to change in a note. What is left out stays.
#[derive(Debug, Default)]
pub struct Changes {
    /// A new title.
    pub title: Option<String>,
    /// A new text.
    pub text: Option<String>,
    /// New tags.
    pub tags: Option<Vec<String>>,
    /// Only when the note is still at this revision.
    pub revision: Option<u32>,
}

/// Some of the notes, and how many there are.
#[derive(Debug, PartialEq)]
pub struct Selection {
    /// Those asked for.
    pub notes: Vec<Summary>,
    /// How many fit in all.
    pub total: usize,
}

impl<'a> Book<'a> {
    /// The notes in a store, at this time.
    pub fn new(store: &'a dyn Store, now: Timestamp) -> Self {
        // What lies below a second says nothing to anybody.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { store, now }
    }

    /// Makes a note.
    pub fn add(&self, title: &str, text: String, tags: &[String]) -> Result<Note, NotesError> {
        let mut note = Note {
            id: 0,
            title: note::title(title)?,
            text: note::text(text)?,
            tags: note::tags(tags)?,
            created: self.now.to_string(),
            changed: self.now.to_string(),
            revision: 1,
        };
        for _ in 0..TRIES_MAX {
            note.id = self.next_id()?;
            if self.store.swap(&key(note.id), None, Some(&bytes(&note)?))? == Swap::Done {
                return Ok(note);
            }
        }
        Err(NotesError::Busy)
    }

    /// Takes the next number.
    fn next_id(&self) -> Result<u32, NotesError> {
        let mut current = self.store.get(NEXT)?;
        for _ in 0..TRIES_MAX {
            let id: u32 = match &current {
                None => 1,
                Some(bytes) => std::str::from_utf8(bytes)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| damaged(NEXT))?,
            };
            let next = id.checked_add(1).ok_or(NotesError::Full)?.to_string();
            match self
                .store
                .swap(NEXT, current.as_deref(), Some(next.as_bytes()))?
            {
                Swap::Done => return Ok(id),
                Swap::Differs(other) => current = other,
            }
        }
        Err(NotesError::Busy)
    }

    /// Changes parts of a note.
    pub fn update(&self, id: u32, changes: &Changes) -> Result<Note, NotesError> {
        let title = changes.title.as_deref().map(note::title).transpose()?;
        let text = changes.text.clone().map(note::text).transpose()?;
        let tags = changes.tags.as_deref().map(note::tags).transpose()?;
        if title.is_none() && text.is_none() && tags.is_none() {
            return Err(NotesError::Argument {
                argument: "id",
                problem: "stands alone (hint: give `title`, `text` or `tags` to change)".to_owned(),
            });
        }
        self.edit(id, &|note| {
            if let Some(revision) = changes.revision
                && revision != note.revision
            {
                return Err(NotesError::Changed {
                    id,
                    revision: note.revision,
                });
            }
            note.title = title
                .clone()
                .unwrap_or_else(|| std::mem::take(&mut note.title));
            note.text = text
                .clone()
                .unwrap_or_else(|| std::mem::take(&mut note.text));
            note.tags = tags
                .clone()
                .unwrap_or_else(|| std::mem::take(&mut note.tags));
            Ok(())
        })
    }

    /// Adds a line, or several, at the end of a note.
    pub fn append(&self, id: u32, text: &str) -> Result<Note, NotesError> {
        self.edit(id, &|note| {
            let mut whole = std::mem::take(&mut note.text);
            if !whole.is_empty() && !whole.ends_with('\n') {
                whole.push('\n');
            }
            whole.push_str(text);
            note.text = note::text(whole)?;
            Ok(())
        })
    }

    /// Changes a note in one step, computed anew when somebody else changed it meanwhile.
    fn edit(
        &self,
        id: u32,
        change: &dyn Fn(&mut Note) -> Result<(), NotesError>,
    ) -> Result<Note, NotesError> {
        let key = key(id);
        let mut current = self.store.get(&key)?;
        for _ in 0..TRIES_MAX {
            let there = current.ok_or(NotesError::NotFound { id })?;
            let mut note = parsed(&key, &there)?;
            change(&mut note)?;
            note.changed = self.now.to_string();
            note.revision = note.revision.saturating_add(1);
            match self.store.swap(&key, Some(&there), Some(&bytes(&note)?))? {
                Swap::Done => return Ok(note),
                Swap::Differs(other) => current = other,
            }
        }
        Err(NotesError::Busy)
    }

    /// One note.
    pub fn get(&self, id: u32) -> Result<Note, NotesError> {
        let key = key(id);
        let there = self.store.get(&key)?.ok_or(NotesError::NotFound { id })?;
        parsed(&key, &there)
    }

    /// Deletes a note and gives what it was.
    pub fn delete(&self, id: u32) -> Result<Note, NotesError> {
        let key = key(id);
        let mut current = self.store.get(&key)?;
        for _ in 0..TRIES_MAX {
            let there = current.ok_or(NotesError::NotFound { id })?;
            let note = parsed(&key, &there)?;
            match self.store.swap(&key, Some(&there), None)? {
                Swap::Done => return Ok(note),
                Swap::Differs(other) => current = other,
            }
        }
        Err(NotesError::Busy)
    }

    /// The notes that were changed last, with a tag when one is given.
    pub fn list(
        &self,
        tag: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Selection, NotesError> {
        let notes = self.all(tag)?;
        let some = notes.iter().skip(skip).take(limit);
        Ok(Selection {
            notes: some.map(|note| note.summary(0)).collect(),
            total: notes.len(),
        })
    }

    /// The notes that have all words of a query, those with one of them in the title first.
    pub fn search(
        &self,
        query: &str,
        tag: Option<&str>,
        limit: usize,
    ) -> Result<Selection, NotesError> {
        let words: Vec<_> = query.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() {
            return Err(NotesError::Argument {
                argument: "query",
                problem: "is empty (hint: `list` gives all notes)".to_owned(),
            });
        }
        let mut titled = Vec::new();
        let mut others = Vec::new();
        for note in self.all(tag)? {
            let title = note.title.to_lowercase();
            let text = note.text.to_lowercase();
            let has = |word: &String| {
                title.contains(word) || text.contains(word) || note.tags.contains(word)
            };
            if !words.iter().all(has) {
                continue;
            }
            // The lower-case text is the same up to there in nearly every script; where not, another place is shown.
            let at = words.iter().filter_map(|word| text.find(word)).min();
            let summary = note.summary(at.unwrap_or(0));
            match words.iter().any(|word| title.contains(word)) {
                true => titled.push(summary),
                false => others.push(summary),
            }
        }
        let mut notes = titled;
        notes.append(&mut others);
        let total = notes.len();
        notes.truncate(limit);
        Ok(Selection { notes, total })
    }

    /// Notes as one Markdown text, as many as a model reads with profit, and how many were left out.
    pub fn together(&self, tag: Option<&str>) -> Result<(String, usize), NotesError> {
        let notes = self.all(tag)?;
        let mut text = String::new();
        for (n_shown, note) in notes.iter().enumerate() {
            let markdown = note.markdown();
            if text.len() + markdown.len() > TOGETHER_BYTES_MAX {
                return Ok((text, notes.len() - n_shown));
            }
            text.push_str(&markdown);
            text.push('\n');
        }
        Ok((text, 0))
    }

    /// All tags, in order.
    pub fn tags(&self) -> Result<Vec<String>, NotesError> {
        let notes = self.all(None)?;
        let mut tags: Vec<_> = notes.into_iter().flat_map(|note| note.tags).collect();
        tags.sort();
        tags.dedup();
        Ok(tags)
    }

    /// All notes with a tag, the one changed last first.
    fn all(&self, tag: Option<&str>) -> Result<Vec<Note>, NotesError> {
        let tag = tag.map(note::tag).transpose()?;
        let mut notes = Vec::new();
        for key in self.store.keys(NOTES)? {
            // One that is gone was deleted a moment ago.
            if let Some(there) = self.store.get(&key)? {
                let note = parsed(&key, &there)?;
                if note.has_tag(tag.as_deref()) {
                    notes.push(note);
                }
            }
        }
        notes.sort_by(|one, other| (&other.changed, other.id).cmp(&(&one.changed, one.id)));
        Ok(notes)
    }
}

/// The key of a note, so that the order of keys is that of numbers.
fn key(id: u32) -> String {
    format!("{NOTES}{id:010}")
}

fn bytes(note: &Note) -> Result<Vec<u8>, NotesError> {
    serde_json::to_vec(note).map_err(|error| NotesError::Failed {
        reason: error.to_string(),
    })
}

fn parsed(key: &str, bytes: &[u8]) -> Result<Note, NotesError> {
    serde_json::from_slice(bytes).map_err(|_| damaged(key))
}

fn damaged(key: &str) -> NotesError {
    NotesError::Failed {
        reason: format!("what is kept under `{key}` is damaged"),
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
