//! The pages in `docs/reference/`, which are made from the code. A page that says something else fails its test; with
//! `PORTCULLIS_BLESS=1` it is written anew.

mod cli;
mod contract;
mod limits;
mod problems;
mod schema;

use std::fs;

use super::{root, source};

/// What stands at the head of every page, so that nobody changes it by hand.
const MADE: &str = "<!-- Made from the code by `PORTCULLIS_BLESS=1 cargo test -p portcullis --test author reference`. -->";

/// Holds a page against what the code says.
fn check(page: &str, title: &str, body: &str) {
    let text = format!("{MADE}\n# {title}\n\n{}\n", body.trim());
    let path = root().join("docs/reference").join(page);
    if std::env::var_os("PORTCULLIS_BLESS").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = committed.lines().zip(text.lines()).enumerate();
    let differs = lines.find(|(_, (committed, made))| committed != made);
    assert!(
        committed == text,
        "docs/reference/{page} is not what the code says{} (hint: `PORTCULLIS_BLESS=1` writes it anew)",
        differs.map_or(String::new(), |(n, (was, is))| format!(
            "; line {}:\n-{was}\n+{is}",
            n + 1
        ))
    );
}

/// Words as Markdown takes them: nothing outside of backticks is a tag.
fn prose(words: &str) -> String {
    let parts = words.split('`').enumerate();
    let parts: Vec<_> = parts
        .map(|(n, part)| match n % 2 {
            0 => part.replace('<', "&lt;"),
            _ => part.to_owned(),
        })
        .collect();
    parts.join("`")
}

/// The same in a cell of a table.
fn cell(words: &str) -> String {
    prose(words).replace('|', "\\|").replace('\n', " ")
}

/// A number with a comma after every third digit from the right.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    groups.join(",")
}

#[test]
fn words_outside_of_backticks_are_no_tags() {
    assert_eq!(prose("a <b> `<c>` <d>"), "a &lt;b> `<c>` &lt;d>");
    assert_eq!(cell("a | b\nc"), "a \\| b c");
    assert_eq!(grouped(1_234_567), "1,234,567");
}
