//! The list of what a component was built from, as cargo-auditable writes it into the section `.dep-v0`: JSON that zlib compressed.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::{Deserialize, Serialize};

/// The section's name.
pub(super) const SECTION: &str = ".dep-v0";

/// Bytes of all lists of a component together, decompressed: a thousand times what they take in it is easily written. The longest
/// list there is has some hundred thousand; cargo-auditable's own readers take eight megabytes.
const LIST_BYTES_MAX: usize = 8 << 20;

/// Packages that are named. The largest programs there are have half as many.
const NAMED_MAX: usize = 2_000;

/// Characters of each word of a package that are kept.
const WORD_CHARS_MAX: usize = 80;

/// One package that a component was built from, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it came from, such as `crates.io`, `git` or `local`.
    pub source: String,
    /// What it was for: `runtime`, or `build` when nothing of it is in the component.
    pub kind: String,
}

/// What all lists of a component say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dependencies {
    /// How many lists could be read. A component of several modules may have one in each.
    pub(super) n_lists: usize,
    /// How many could not.
    pub(super) n_unreadable: usize,
    /// How many packages they have.
    pub(super) n_packages: usize,
    /// The first of them.
    pub(super) named: Vec<Dependency>,
    /// Bytes that were decompressed, of lists that make no sense as well.
    n_bytes: usize,
}

/// The list as it is written. Keys that nobody needs here are passed over, as the form has it.
#[derive(Deserialize)]
struct List {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: String,
    #[serde(default = "runtime")]
    kind: String,
}

fn runtime() -> String {
    "runtime".to_owned()
}

impl Dependencies {
    /// Reads one more list.
    pub(super) fn read(&mut self, section: &[u8]) {
        let json = self.decompressed(section);
        let list = json.and_then(|json| serde_json::from_slice::<List>(&json).ok());
        // A list of nothing has not even the component itself, and tells nobody anything.
        let Some(list) = list.filter(|list| !list.packages.is_empty()) else {
            self.n_unreadable += 1;
            return;
        };
        self.n_lists += 1;
        self.n_packages += list.packages.len();
        let room = NAMED_MAX.saturating_sub(self.named.len());
        let named = list.packages.into_iter().take(room);
        self.named.extend(named.map(|package| Dependency {
            name: word(&package.name),
            version: word(&package.version),
            source: word(&package.source),
            kind: word(&package.kind),
        }));
    }

    /// What was compressed, as long as there is room for it; one that does not fit leaves no room.
    fn decompressed(&mut self, section: &[u8]) -> Option<Vec<u8>> {
        let room = LIST_BYTES_MAX
            .checked_sub(self.n_bytes)
            .filter(|room| *room > 0)?;
        let json = decompress_to_vec_zlib_with_limit(section, room);
        self.n_bytes += match &json {
            Ok(json) => json.len(),
            Err(error) => error.output.len(),
        };
        json.ok()
    }
}

/// A stranger's word, which goes into a report.
fn word(claimed: &str) -> String {
    let kept = claimed.chars().take(WORD_CHARS_MAX);
    kept.flat_map(char::escape_debug).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::*;

    /// A section with this list.
    pub(in crate::validate) fn section(json: &str) -> Vec<u8> {
        compress_to_vec_zlib(json.as_bytes(), 6)
    }

    /// A section with one package.
    pub(in crate::validate) fn one() -> Vec<u8> {
        section(
            r#"{"packages": [{"name": "a", "version": "1.0.0", "source": "local", "root": true}]}"#,
        )
    }

    #[test]
    fn a_list_is_read_and_what_is_none_is_counted() {
        let mut read = Dependencies::default();
        read.read(&section(
            r#"{"packages": [{"name": "a\u001b", "version": "1.0.0", "source": "crates.io", "dependencies": [1]},
                {"name": "b", "version": "2.0.0", "source": "local", "kind": "build"}], "format": 8}"#,
        ));
        let named = |name: &str, version: &str, source: &str, kind: &str| Dependency {
            name: name.to_owned(),
            version: version.to_owned(),
            source: source.to_owned(),
            kind: kind.to_owned(),
        };
        let both = [
            named("a\\u{1b}", "1.0.0", "crates.io", "runtime"),
            named("b", "2.0.0", "local", "build"),
        ];
        assert_eq!(read.named, both);
        assert_eq!(
            (read.n_lists, read.n_unreadable, read.n_packages),
            (1, 0, 2)
        );
        let damaged = {
            let mut bytes = one();
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            bytes
        };
        for bad in [
            b"x".to_vec(),
            damaged,
            one()[..9].to_vec(),
            section("{}"),
            section(r#"{"packages": []}"#),
            section(r#"{"packages": [{"name": "a"}]}"#),
            section("[1"),
        ] {
            let before = read.n_unreadable;
            read.read(&bad);
            assert_eq!(read.n_unreadable, before + 1, "{bad:?}");
        }
        assert_eq!(read.n_lists, 1);
    }

    #[test]
    fn lists_that_swell_are_decompressed_as_far_as_all_together_may() {
        let bomb = section(&" ".repeat(LIST_BYTES_MAX + 1));
        assert!(bomb.len() < 10_000);
        let mut read = Dependencies::default();
        read.read(&one());
        for _ in 0..100_000 {
            read.read(&bomb);
        }
        // The first used up the room; the others cost nothing, and neither does an honest one that comes too late.
        read.read(&one());
        assert_eq!((read.n_lists, read.n_unreadable), (1, 100_001));
        assert!(read.n_bytes <= LIST_BYTES_MAX, "{}", read.n_bytes);
    }

    #[test]
    fn of_a_long_list_the_first_are_named_and_all_are_counted() {
        let one = r#"{"name": "a", "version": "1", "source": "local"}"#;
        let many = vec![one; NAMED_MAX + 1].join(",");
        let mut read = Dependencies::default();
        for _ in 0..2 {
            read.read(&section(&format!(r#"{{"packages": [{many}]}}"#)));
        }
        assert_eq!(read.named.len(), NAMED_MAX);
        assert_eq!(read.n_packages, 2 * (NAMED_MAX + 1));
    }
}
