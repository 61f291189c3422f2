//! Lines that match a pattern, in all files of a folder.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};

use portcullis_plugin::data;

use crate::error::FilesError;
use crate::pattern::{LinePattern, PathPattern};
use crate::pulse::Pulse;
use crate::reading::HEAD_BYTES;
use crate::shared::Place;
use crate::walk::{Kind, Plan, Walk};

/// Files that one call reads. Opening, reading and closing one costs the host five calls, of which a plugin has 100,000.
const FILES_MAX: usize = 5_000;

/// Bytes that one call reads. They take a few seconds and a third of a call's usual fuel.
const BYTES_MAX: u64 = 128 << 20;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Bytes of one line that is searched. A file with longer ones is not written by hand.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Bytes of one line that is shown.
const SHOWN_BYTES_MAX: usize = 400;

/// A line that matches.
#[data]
#[derive(PartialEq)]
pub struct Match {
    /// The file.
    pub path: String,
    /// The number of the line, from 1.
    pub line: u64,
    /// The line; a long one is cut.
    pub text: String,
    /// Lines before it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub before: Vec<String>,
    /// Lines after it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub after: Vec<String>,
}

/// What a search found.
#[data]
#[derive(PartialEq)]
pub struct Matches {
    /// The lines that match, file by file.
    pub matches: Vec<Match>,
    /// Files that were searched.
    pub files_searched: usize,
    /// When there is more: the `after` to go on with, behind the last file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_after: Option<String>,
    /// When something was left out: what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

/// What to search for.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Which lines.
    pub lines: LinePattern,
    /// In which files; all when there is no pattern.
    pub files: Option<PathPattern>,
    /// Where to look.
    pub plan: Plan<'a>,
    /// Lines around each match.
    pub context: usize,
    /// The most matches to give.
    pub limit: usize,
}

/// Searches what is at these places. Files that are not text are passed over.
pub fn search(places: Vec<Place>, wanted: &Wanted<'_>) -> Result<Matches, FilesError> {
    let mut pulse = Pulse::default();
    let mut walk = Walk::new(places, wanted.plan)?;
    let mut found = Matches {
        matches: Vec::new(),
        files_searched: 0,
        next_after: None,
        left_out: None,
    };
    let mut bytes_left = BYTES_MAX;
    let mut last = None;
    for entry in walk.by_ref() {
        pulse.step(|| format!("{} files searched", found.files_searched))?;
        let fits = |pattern: &PathPattern| pattern.matches(&entry.place);
        if entry.kind != Kind::File || !wanted.files.as_ref().is_none_or(fits) {
            continue;
        }
        if found.matches.len() >= wanted.limit {
            found.next_after = last;
            return Ok(found);
        }
        if found.files_searched >= FILES_MAX || bytes_left == 0 {
            found.next_after = last;
            found.left_out = Some("there is more than one call searches".to_owned());
            return Ok(found);
        }
        let place = &entry.place;
        let mut search = Search::new(place, wanted, &mut found.matches);
        match search.file(&mut bytes_left, &mut pulse) {
            Ok(Ended::Whole | Ended::NotText) => {}
            Ok(Ended::Full) => {
                found.files_searched += 1;
                let line = found.matches.last().map_or(0, |it| it.line);
                found.left_out = Some(format!(
                    "`{}` was not searched behind line {line}, nor was what comes after it (hint: make the pattern \
                     narrower)",
                    place.shown
                ));
                found.next_after = Some(place.shown.clone());
                return Ok(found);
            }
            Ok(Ended::TooLong) => {
                let left_out = format!("`{}` is too large to be searched whole", place.shown);
                found.left_out.get_or_insert(left_out);
            }
            Err(FilesError::Cancelled) => return Err(FilesError::Cancelled),
            Err(error) => {
                found.left_out.get_or_insert(error.to_string());
            }
        }
        found.files_searched += 1;
        last = Some(entry.place.shown);
    }
    if let Some(stopped) = walk.stopped() {
        found.left_out = Some(stopped.to_owned());
    }
    Ok(found)
}

/// How the search of one file ended.
enum Ended {
    /// It was searched to its end.
    Whole,
    /// There is no room for more matches.
    Full,
    /// It is not text.
    NotText,
    /// There are no bytes left for the rest of it.
    TooLong,
}

/// The search of one file.
struct Search<'a> {
    place: &'a Place,
    wanted: &'a Wanted<'a>,
    matches: &'a mut Vec<Match>,
    /// The number of the next line.
    line: u64,
    before: VecDeque<String>,
    /// The matches, by index, that still want lines after them, with how many.
    wanting: VecDeque<(usize, usize)>,
}

impl<'a> Search<'a> {
    fn new(place: &'a Place, wanted: &'a Wanted<'a>, matches: &'a mut Vec<Match>) -> Self {
        Self {
            place,
            wanted,
            matches,
            line: 1,
            before: VecDeque::new(),
            wanting: VecDeque::new(),
        }
    }

    fn file(&mut self, bytes_left: &mut u64, pulse: &mut Pulse) -> Result<Ended, FilesError> {
        let of_io = |error: io::Error| FilesError::of_io(&error, &self.place.shown);
        let mut file = File::open(&self.place.path).map_err(of_io)?;
        let mut text: Vec<u8> = Vec::new();
        let mut is_begin = true;
        loop {
            let chunk_bytes = (CHUNK_BYTES as u64).min(*bytes_left);
            let from = text.len();
            Read::by_ref(&mut file)
                .take(chunk_bytes)
                .read_to_end(&mut text)
                .map_err(of_io)?;
            let n_read = text.len() - from;
            *bytes_left -= n_read as u64;
            if n_read == 0 {
                let is_end = chunk_bytes > 0;
                return Ok(match (self.lines(&text), is_end) {
                    (Ended::Whole, false) => Ended::TooLong,
                    (ended, _) => ended,
                });
            }
            let head = text.get(..HEAD_BYTES).unwrap_or(&text);
            if std::mem::take(&mut is_begin) && head.contains(&0) {
                return Ok(Ended::NotText);
            }
            pulse.step(|| format!("searching `{}`", self.place.shown))?;
            // Whole lines are searched; the beginning of one waits for its rest.
            if let Some(end) = text.iter().rposition(|byte| *byte == b'\n') {
                let rest = text.split_off(end + 1);
                if let Ended::Full = self.lines(&text) {
                    return Ok(Ended::Full);
                }
                text = rest;
            }
            if text.len() > LINE_BYTES_MAX {
                return Ok(Ended::NotText);
            }
        }
    }

    /// Searches some lines, of which only the last one may lack its line feed.
    fn lines(&mut self, text: &[u8]) -> Ended {
        let text_lines = || text.split_inclusive(|byte| *byte == b'\n');
        if self.wanting.is_empty() && !self.wanted.lines.may_match(text) {
            self.line += text_lines().count() as u64;
            let n_before = self.wanted.context;
            // Lines before a match in the next ones.
            let lines = text.strip_suffix(b"\n").unwrap_or(text);
            let last: Vec<_> = lines.rsplit(|byte| *byte == b'\n').take(n_before).collect();
            last.into_iter()
                .rev()
                .for_each(|line| self.remember(shown(line)));
            return Ended::Whole;
        }
        for line in text_lines() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let is_match = self.wanted.lines.matches(line);
            if is_match && self.matches.len() >= self.wanted.limit {
                return Ended::Full;
            }
            if is_match || self.wanted.context > 0 {
                self.take(line, is_match);
            }
            self.line += 1;
        }
        Ended::Whole
    }

    fn take(&mut self, line: &[u8], is_match: bool) {
        let text = shown(line);
        for (idx, n_wanted) in &mut self.wanting {
            if let Some(earlier) = self.matches.get_mut(*idx) {
                earlier.after.push(text.clone());
            }
            *n_wanted -= 1;
        }
        self.wanting.retain(|(_, n_wanted)| *n_wanted > 0);
        if is_match {
            if self.wanted.context > 0 {
                self.wanting
                    .push_back((self.matches.len(), self.wanted.context));
            }
            self.matches.push(Match {
                path: self.place.shown.clone(),
                line: self.line,
                text: text.clone(),
                before: self.before.iter().cloned().collect(),
                after: Vec::new(),
            });
        }
        self.remember(text);
    }

    fn remember(&mut self, line: String) {
        if self.wanted.context == 0 {
            return;
        }
        if self.before.len() >= self.wanted.context {
            self.before.pop_front();
        }
        self.before.push_back(line);
    }
}

/// A line as it is shown.
fn shown(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.get(..SHOWN_BYTES_MAX) {
        Some(begin) if line.len() > SHOWN_BYTES_MAX => {
            let begin = String::from_utf8_lossy(begin);
            format!("{}…", begin.trim_end_matches('\u{fffd}'))
        }
        _ => String::from_utf8_lossy(line).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::tests::docs;

    fn wanted(pattern: &str, context: usize, limit: usize) -> Wanted<'static> {
        Wanted {
            lines: LinePattern::parse(pattern).unwrap(),
            files: None,
            plan: Plan {
                depth_max: usize::MAX,
                into_hidden: false,
                after: None,
            },
            context,
            limit,
        }
    }

    fn found(files: &[(&str, &[u8])], wanted: &Wanted<'_>) -> Matches {
        let (_dir, shared) = docs(files);
        search(shared.find(None).unwrap(), wanted).unwrap()
    }

    fn lines(found: &Matches) -> Vec<(&str, u64, &str)> {
        let matches = found.matches.iter();
        matches.map(|it| (&*it.path, it.line, &*it.text)).collect()
    }

    #[test]
    fn matching_lines_are_found_with_their_numbers() {
        let files: [(&str, &[u8]); 4] = [
            ("b.txt", b"no\nneedle\r\nno\nthe needle"),
            ("a/c.txt", b"needle\n"),
            ("d.txt", b"nothing"),
            ("e.txt", b""),
        ];
        let found = found(&files, &wanted("needle$", 0, 10));
        assert_eq!(
            lines(&found),
            [
                ("docs/a/c.txt", 1, "needle"),
                ("docs/b.txt", 2, "needle"),
                ("docs/b.txt", 4, "the needle")
            ]
        );
        assert_eq!((found.files_searched, found.next_after), (4, None));
    }

    #[test]
    fn the_lines_around_a_match_are_shown() {
        let text = b"1\n2 x\n3\n4\n5 x\n6 x\n7\n";
        let found = found(&[("a", text)], &wanted("x", 1, 10));
        let around: Vec<_> = found
            .matches
            .iter()
            .map(|it| (it.line, it.before.join(","), it.after.join(",")))
            .collect();
        let expected = [(2, "1", "3"), (5, "4", "6 x"), (6, "5 x", "7")];
        assert_eq!(
            around,
            expected.map(|(n, b, a)| (n, b.to_owned(), a.to_owned()))
        );
    }

    #[test]
    fn a_large_file_is_searched_across_the_chunks() {
        let mut text: String = (0..50_000).map(|n| format!("line {n}\n")).collect();
        text += "the needle\nlast";
        let found = found(&[("a", text.as_bytes())], &wanted("needle", 2, 10));
        assert_eq!(lines(&found), [("docs/a", 50_001, "the needle")]);
        assert_eq!(found.matches[0].before, ["line 49998", "line 49999"]);
        assert_eq!(found.matches[0].after, ["last"]);
    }

    #[test]
    fn a_pattern_never_matches_across_lines() {
        let files: [(&str, &[u8]); 1] = [("a", b"one\ntwo\n")];
        assert_eq!(found(&files, &wanted("one\\s+two", 0, 10)).matches, []);
        assert_eq!(found(&files, &wanted("\\Atwo\\z", 0, 10)).matches.len(), 1);
    }

    #[test]
    fn files_that_are_not_text_are_passed_over() {
        let long = vec![b'x'; LINE_BYTES_MAX + CHUNK_BYTES + 1];
        let files: [(&str, &[u8]); 4] = [
            ("a", b"x\0"),
            ("b", &long),
            ("c", b"x\xff"),
            (".git/x", b"x"),
        ];
        let found = found(&files, &wanted("x", 0, 10));
        assert_eq!(lines(&found), [("docs/c", 1, "x\u{fffd}")]);
    }

    #[test]
    fn a_search_stops_when_it_is_full_and_goes_on_behind_the_file() {
        let files: [(&str, &[u8]); 3] = [("a", b"x\ny\nx\nx\n"), ("b", b"x"), ("c", b"x")];
        let (_dir, shared) = docs(&files);
        let first = search(shared.find(None).unwrap(), &wanted("x", 1, 2)).unwrap();
        assert_eq!(lines(&first), [("docs/a", 1, "x"), ("docs/a", 3, "x")]);
        assert_eq!(first.matches[0].after, ["y"]);
        assert!(first.left_out.unwrap().contains("line 3"));
        let after = first.next_after;
        let mut more = wanted("x", 0, 10);
        more.plan.after = after.as_deref();
        let more = search(shared.find(None).unwrap(), &more).unwrap();
        assert_eq!(lines(&more), [("docs/b", 1, "x"), ("docs/c", 1, "x")]);
    }

    #[test]
    fn a_search_that_is_full_at_the_end_of_a_file_loses_nothing() {
        let files: [(&str, &[u8]); 3] = [("a", b"x\nno\n"), ("b", b"no"), ("c", b"x")];
        let (_dir, shared) = docs(&files);
        let first = search(shared.find(None).unwrap(), &wanted("x", 0, 1)).unwrap();
        assert_eq!(
            (first.next_after.as_deref(), first.left_out),
            (Some("docs/a"), None)
        );
        let mut more = wanted("x", 0, 1);
        more.plan.after = first.next_after.as_deref();
        let more = search(shared.find(None).unwrap(), &more).unwrap();
        assert_eq!(lines(&more), [("docs/c", 1, "x")]);
        assert_eq!(more.next_after, None);
    }

    #[test]
    fn a_glob_says_which_files() {
        let files: [(&str, &[u8]); 2] = [("a.rs", b"x"), ("a.md", b"x")];
        let wanted = Wanted {
            files: Some(PathPattern::glob("*.rs").unwrap()),
            ..wanted("x", 0, 10)
        };
        let found = found(&files, &wanted);
        assert_eq!((found.files_searched, found.matches.len()), (1, 1));
    }

    #[test]
    fn a_long_line_is_cut_where_a_character_ends() {
        let line = "é".repeat(1_000);
        let found = found(&[("a", line.as_bytes())], &wanted("é", 0, 1));
        assert_eq!(
            found.matches[0].text,
            format!("{}…", "é".repeat(SHOWN_BYTES_MAX / 2))
        );
    }
}
