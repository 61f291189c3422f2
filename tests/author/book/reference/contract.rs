//! `contract.md`, from the files in `wit/`: each interface and world with its words, and each item as it stands there.

use std::fs;

use super::{check, prose, root};

/// An item with the words before it.
#[derive(Debug, PartialEq)]
struct Item {
    doc: String,
    code: String,
}

impl Item {
    /// What it is called: `tool` of `record tool {`, `list` of `list: func(…)`.
    fn name(&self) -> &str {
        let first = self.code.lines().next().unwrap_or_default();
        let before = first.split([':', '{', '(', '=']).next().unwrap_or_default();
        let is_keyword = |word: &&str| {
            ![
                "record", "variant", "enum", "flags", "resource", "type", "static",
            ]
            .contains(word)
        };
        let mut words = before.split_whitespace().filter(is_keyword);
        words.next().unwrap_or_default().trim_end_matches(';')
    }
}

/// The items of a text, each up to the end of its braces or its semicolon.
fn items(text: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let (mut doc, mut code): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for line in text.lines() {
        let words = line.trim();
        if code.is_empty() {
            match words.strip_prefix("///") {
                Some(words) => {
                    doc.push(words.strip_prefix(' ').unwrap_or(words));
                    continue;
                }
                None if words.is_empty() || words.starts_with("//") => continue,
                None => {}
            }
        }
        code.push(line);
        if !words.starts_with("//") {
            depth += words.matches('{').count();
            depth -= words.matches('}').count();
            if depth == 0 && (words.ends_with(';') || words.ends_with('}')) {
                let indent = code[0].len() - code[0].trim_start().len();
                let code: Vec<_> = code
                    .drain(..)
                    .map(|line| line.get(indent..).unwrap_or(""))
                    .collect();
                found.push(Item {
                    doc: std::mem::take(&mut doc).join("\n"),
                    code: code.join("\n"),
                });
            }
        }
    }
    assert!(code.is_empty(), "an item has no end: {code:?}");
    found
}

/// What stands between the outer braces.
fn inside(code: &str) -> &str {
    let (_, rest) = code.split_once('{').unwrap_or_default();
    rest.rsplit_once('}').unwrap_or_default().0
}

#[test]
fn the_reference_of_the_contract_is_what_stands_in_wit() {
    let mut files: Vec<_> = fs::read_dir(root().join("wit"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "wit"))
        .collect();
    files.sort();
    let (mut intro, mut interfaces, mut worlds) = (String::new(), String::new(), String::new());
    let mut n_functions = 0;
    for path in files {
        for item in items(&fs::read_to_string(&path).unwrap()) {
            let head = item.code.lines().next().unwrap_or_default();
            let name = |keyword: &str| head.strip_prefix(keyword)?.strip_suffix(" {");
            if head.starts_with("package ") {
                if !item.doc.is_empty() {
                    intro = format!("{}\n\n```wit\n{head}\n```\n\n", prose(&item.doc));
                }
            } else if let Some(name) = name("world ") {
                worlds.push_str(&format!(
                    "### World `{name}`\n\n{}\n\n```wit\n{}\n```\n\n",
                    prose(&item.doc),
                    item.code
                ));
            } else {
                let name = name("interface ").expect("files hold interfaces and worlds");
                interfaces.push_str(&format!(
                    "## Interface `{name}`\n\n{}\n\n",
                    prose(&item.doc)
                ));
                for inner in items(inside(&item.code)) {
                    n_functions += usize::from(inner.code.contains(": func("));
                    if inner.code.starts_with("use ") {
                        interfaces.push_str(&format!("```wit\n{}\n```\n\n", inner.code));
                        continue;
                    }
                    assert!(!inner.doc.is_empty(), "`{}` has no words", inner.code);
                    interfaces.push_str(&format!(
                        "### `{name}.{}`\n\n{}\n\n```wit\n{}\n```\n\n",
                        inner.name(),
                        prose(&inner.doc),
                        inner.code
                    ));
                }
            }
        }
    }
    assert!(n_functions > 15, "{n_functions} functions were found");
    let text = format!("{intro}{interfaces}## Worlds\n\n{worlds}");
    check("contract.md", "The contract", &text);
}

#[test]
fn items_end_where_their_braces_and_semicolons_do() {
    let text = "/// A.\nrecord a {\n    /// B {\n    b: string,\n}\n\n/// C.\n/// D.\nc: func(\n    a: a,\n) -> bool;\n";
    let found = items(text);
    let names: Vec<_> = found.iter().map(Item::name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(found[0].doc, "A.");
    assert_eq!(found[0].code, "record a {\n    /// B {\n    b: string,\n}");
    assert_eq!(found[1].doc, "C.\nD.");
}
