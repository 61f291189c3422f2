//! Going through folders: in the same order each time, never through a link, and never for ever.

use std::cmp::Ordering;
use std::fs;
use std::path::Path;

use crate::error::FilesError;
use crate::shared::Place;

/// Entries that one call looks at. Each costs the host two or three calls, of which a plugin has 100,000.
pub const ENTRIES_MAX: usize = 20_000;

/// Folders within each other that are gone into. Longer paths than these are refused by systems.
pub const DEPTH_MAX: usize = 64;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link, which is not followed.
    Link,
    /// Something else.
    Other,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// How deep below the place the walk began at; what is in that has 1.
    pub depth: usize,
}

/// Where a walk goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// How deep.
    pub depth_max: usize,
    /// Whether into folders whose name begins with a dot.
    pub into_hidden: bool,
    /// Only what comes behind this path, as it was shown.
    pub after: Option<&'a str>,
}

/// A walk. Folders come before what is in them, and names in the order of their bytes.
pub struct Walk<'a> {
    plan: Plan<'a>,
    /// What is still to come, the next one last.
    waiting: Vec<Entry>,
    n_left: usize,
    /// Why it is not the whole, when it is not.
    stopped: Option<String>,
}

impl<'a> Walk<'a> {
    /// Begins at these places. Each is an entry itself when it is a file, and gone into when it is a folder.
    pub fn new(places: Vec<Place>, plan: Plan<'a>) -> Result<Self, FilesError> {
        let mut walk = Self {
            plan,
            waiting: Vec::new(),
            n_left: ENTRIES_MAX,
            stopped: None,
        };
        for place in places.into_iter().rev() {
            let found = fs::symlink_metadata(&place.path)
                .map_err(|error| FilesError::of_io(&error, &place.shown))?;
            walk.waiting.push(Entry {
                kind: kind(found.file_type()),
                place,
                depth: 0,
            });
        }
        Ok(walk)
    }

    /// Why it is not the whole, when it is not.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Puts what is in a folder in front of what waits.
    fn enter(&mut self, entry: &Entry) {
        let children = match fs::read_dir(&entry.place.path) {
            Ok(children) => children,
            Err(error) => {
                let error = FilesError::of_io(&error, &entry.place.shown);
                self.stopped.get_or_insert(error.to_string());
                return;
            }
        };
        let from = self.waiting.len();
        for child in children.flatten() {
            if self.n_left == 0 {
                self.stopped = Some(format!(
                    "there are more than {ENTRIES_MAX} files and folders to look at, and not all were (hint: give a \
                     path further down)"
                ));
                break;
            }
            self.n_left -= 1;
            let place = entry.place.child(&child.file_name().to_string_lossy());
            self.waiting.push(Entry {
                kind: child.file_type().map_or(Kind::Other, kind),
                place,
                depth: entry.depth + 1,
            });
        }
        if let Some(children) = self.waiting.get_mut(from..) {
            children.sort_unstable_by(|one, other| other.place.name().cmp(one.place.name()));
        }
    }

    fn goes_into(&self, entry: &Entry) -> bool {
        let is_hidden = entry.depth > 0 && entry.place.name().starts_with('.');
        entry.kind == Kind::Folder
            && entry.depth < self.plan.depth_max.min(DEPTH_MAX)
            && (self.plan.into_hidden || !is_hidden)
            && self.plan.after.is_none_or(|after| {
                in_order(&entry.place.shown, after) != Ordering::Less
                    || Path::new(after).starts_with(&entry.place.shown)
            })
    }

    fn is_shown(&self, entry: &Entry) -> bool {
        let is_begin = entry.depth == 0 && entry.kind == Kind::Folder;
        let is_behind = self
            .plan
            .after
            .is_none_or(|after| in_order(&entry.place.shown, after) == Ordering::Greater);
        !is_begin && is_behind
    }
}

impl Iterator for Walk<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        while let Some(entry) = self.waiting.pop() {
            if self.goes_into(&entry) {
                self.enter(&entry);
            }
            if self.is_shown(&entry) {
                return Some(entry);
            }
        }
        None
    }
}

/// The order of a walk: part by part, a folder before what is in it.
fn in_order(one: &str, other: &str) -> Ordering {
    one.split('/').cmp(other.split('/'))
}

fn kind(of: fs::FileType) -> Kind {
    if of.is_symlink() {
        Kind::Link
    } else if of.is_dir() {
        Kind::Folder
    } else if of.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::tests::docs;

    const EVERYWHERE: Plan<'_> = Plan {
        depth_max: usize::MAX,
        into_hidden: false,
        after: None,
    };

    const FILES: [(&str, &[u8]); 6] = [
        ("b.txt", b""),
        ("a/2", b""),
        ("a/10/x", b""),
        ("a.txt", b""),
        (".git/config", b""),
        ("Z", b""),
    ];

    fn walked(plan: Plan<'_>) -> Vec<String> {
        let (_dir, shared) = docs(&FILES);
        let walk = Walk::new(shared.find(None).unwrap(), plan).unwrap();
        walk.map(|entry| entry.place.shown).collect()
    }

    #[test]
    fn a_walk_has_one_order_and_stays_out_of_hidden_folders() {
        assert_eq!(
            walked(EVERYWHERE),
            [
                "docs/.git",
                "docs/Z",
                "docs/a",
                "docs/a/10",
                "docs/a/10/x",
                "docs/a/2",
                "docs/a.txt",
                "docs/b.txt"
            ]
        );
        let into_hidden = Plan {
            into_hidden: true,
            ..EVERYWHERE
        };
        assert_eq!(walked(into_hidden)[1], "docs/.git/config");
    }

    #[test]
    fn a_walk_goes_as_deep_as_it_is_told() {
        let deep = |depth_max| {
            walked(Plan {
                depth_max,
                ..EVERYWHERE
            })
            .len()
        };
        assert_eq!((deep(0), deep(1), deep(2), deep(3)), (0, 5, 7, 8));
    }

    #[test]
    fn a_walk_goes_on_behind_any_entry() {
        let all = walked(EVERYWHERE);
        for (idx, after) in all.iter().enumerate() {
            let after = Some(after.as_str());
            assert_eq!(
                walked(Plan {
                    after,
                    ..EVERYWHERE
                }),
                all[idx + 1..],
                "{after:?}"
            );
        }
        // Between two entries, where one was deleted meanwhile.
        let after = Some("docs/a/10/y");
        assert_eq!(
            walked(Plan {
                after,
                ..EVERYWHERE
            })[0],
            "docs/a/2"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_named_and_not_followed() {
        let (dir, shared) = docs(&[("a/x", b"")]);
        std::os::unix::fs::symlink("/etc", dir.path().join("out")).unwrap();
        std::os::unix::fs::symlink("..", dir.path().join("a/up")).unwrap();
        let walk = Walk::new(shared.find(None).unwrap(), EVERYWHERE).unwrap();
        let entries: Vec<_> = walk.map(|entry| (entry.place.shown, entry.kind)).collect();
        let entries: Vec<_> = entries
            .iter()
            .map(|(shown, kind)| (&**shown, *kind))
            .collect();
        assert_eq!(
            entries,
            [
                ("docs/a", Kind::Folder),
                ("docs/a/up", Kind::Link),
                ("docs/a/x", Kind::File),
                ("docs/out", Kind::Link)
            ]
        );
    }

    #[test]
    fn a_walk_through_too_much_stops_and_says_so() {
        let (dir, shared) = docs(&[]);
        for n in 0..=ENTRIES_MAX {
            std::fs::write(dir.path().join(n.to_string()), "").unwrap();
        }
        let mut walk = Walk::new(shared.find(None).unwrap(), EVERYWHERE).unwrap();
        assert_eq!(walk.by_ref().count(), ENTRIES_MAX);
        assert!(walk.stopped().unwrap().contains("more than 20000"));
    }

    #[test]
    fn a_place_that_is_not_there_is_an_error() {
        let (_dir, shared) = docs(&FILES);
        let walk = Walk::new(shared.find(Some("docs/none")).unwrap(), EVERYWHERE);
        let path = "docs/none".to_owned();
        assert_eq!(walk.err(), Some(FilesError::NotFound { path }));
    }
}
