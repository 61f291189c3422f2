//! What there is: names, kinds and sizes.

use std::fs;

use portcullis_plugin::data;

use crate::error::FilesError;
use crate::pattern::PathPattern;
use crate::pulse::Pulse;
use crate::shared::Place;
use crate::walk::{Entry, Kind, Plan, Walk};

/// What an entry is.
#[data]
#[derive(Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link. It is not followed.
    Link,
    /// Something else, such as a socket.
    Other,
}

/// Something in a folder.
#[data]
#[derive(PartialEq)]
pub struct Item {
    /// Its path, as the other tools take it.
    pub path: String,
    /// What it is.
    pub kind: Sort,
    /// How many bytes a file has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What there is.
#[data]
#[derive(PartialEq)]
pub struct Listing {
    /// The files and folders: a folder before what is in it, names in order.
    pub entries: Vec<Item>,
    /// When there is more: the `after` to go on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_after: Option<String>,
    /// When something was left out: what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

/// Which entries to show.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Those that match; all when there is no pattern.
    pub pattern: Option<PathPattern>,
    /// Where to look.
    pub plan: Plan<'a>,
    /// The most to show.
    pub limit: usize,
}

/// Lists what is at these places.
pub fn list(places: Vec<Place>, wanted: &Wanted<'_>) -> Result<Listing, FilesError> {
    let mut pulse = Pulse::default();
    let mut walk = Walk::new(places, wanted.plan)?;
    let mut entries: Vec<Item> = Vec::new();
    let mut next_after = None;
    for entry in walk.by_ref() {
        pulse.step(|| format!("looking through `{}`", entry.place.shown))?;
        let fits = |pattern: &PathPattern| pattern.matches(&entry.place);
        if !wanted.pattern.as_ref().is_none_or(fits) {
            continue;
        }
        if entries.len() >= wanted.limit {
            next_after = entries.last().map(|last| last.path.clone());
            break;
        }
        entries.push(item(entry));
    }
    Ok(Listing {
        entries,
        next_after,
        left_out: walk.stopped().map(str::to_owned),
    })
}

/// The shared folders themselves.
pub fn folders(places: &[Place]) -> Listing {
    let folder = |place: &Place| Item {
        path: place.shown.clone(),
        kind: Sort::Folder,
        bytes: None,
    };
    Listing {
        entries: places.iter().map(folder).collect(),
        next_after: None,
        left_out: None,
    }
}

fn item(entry: Entry) -> Item {
    let size = |place: &Place| fs::symlink_metadata(&place.path).ok().map(|it| it.len());
    let (kind, bytes) = match entry.kind {
        Kind::File => (Sort::File, size(&entry.place)),
        Kind::Folder => (Sort::Folder, None),
        Kind::Link => (Sort::Link, None),
        Kind::Other => (Sort::Other, None),
    };
    Item {
        path: entry.place.shown,
        kind,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::tests::docs;

    const ALL: Plan<'_> = Plan {
        depth_max: usize::MAX,
        into_hidden: false,
        after: None,
    };

    const FILES: [(&str, &[u8]); 4] = [
        ("a.txt", b"abc"),
        ("b/c.md", b""),
        ("b/d.txt", b"x"),
        ("e.md", b""),
    ];

    #[test]
    fn entries_have_kinds_and_files_have_sizes() {
        let (_dir, shared) = docs(&FILES);
        let wanted = Wanted {
            pattern: None,
            plan: Plan {
                depth_max: 1,
                ..ALL
            },
            limit: 10,
        };
        let listing = list(shared.find(None).unwrap(), &wanted).unwrap();
        let entry = |path: &str, kind, bytes| Item {
            path: path.to_owned(),
            kind,
            bytes,
        };
        let expected = Listing {
            entries: vec![
                entry("docs/a.txt", Sort::File, Some(3)),
                entry("docs/b", Sort::Folder, None),
                entry("docs/e.md", Sort::File, Some(0)),
            ],
            next_after: None,
            left_out: None,
        };
        assert_eq!(listing, expected);
    }

    #[test]
    fn a_long_list_is_continued_until_its_end() {
        let (_dir, shared) = docs(&FILES);
        let (mut paths, mut after) = (Vec::new(), None::<String>);
        loop {
            let wanted = Wanted {
                pattern: Some(PathPattern::glob("*.{txt,md}").unwrap()),
                plan: Plan {
                    after: after.as_deref(),
                    ..ALL
                },
                limit: 2,
            };
            let listing = list(shared.find(None).unwrap(), &wanted).unwrap();
            paths.extend(listing.entries.into_iter().map(|it| it.path));
            match listing.next_after {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(
            paths,
            ["docs/a.txt", "docs/b/c.md", "docs/b/d.txt", "docs/e.md"]
        );
    }

    #[test]
    fn a_single_file_is_listed_itself() {
        let (_dir, shared) = docs(&FILES);
        let wanted = Wanted {
            pattern: None,
            plan: ALL,
            limit: 10,
        };
        let listing = list(shared.find(Some("docs/b/d.txt")).unwrap(), &wanted).unwrap();
        assert_eq!(listing.entries.len(), 1);
        assert_eq!(listing.entries[0].bytes, Some(1));
    }
}
