//! What there is to read: the pages of the book, and the READMEs that people begin with.

use std::fs;

use super::root;

/// Each page's path and its text.
pub fn pages() -> Vec<(String, String)> {
    let mut paths = vec![
        "README.md".to_owned(),
        "plugin-sdk/README.md".to_owned(),
        "host/templates/common/README.md".to_owned(),
    ];
    for folder in ["docs", "docs/reference"] {
        for entry in fs::read_dir(root().join(folder)).expect("there is a book") {
            let name = entry.expect("it can be read").file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".md") {
                paths.push(format!("{folder}/{name}"));
            }
        }
    }
    paths.sort();
    let read = |path: String| {
        let text = fs::read_to_string(root().join(&path)).expect("it can be read");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The fenced blocks of a page with what stands behind their fences, in its order.
pub fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let block = lines
                .by_ref()
                .take_while(|line| !line.trim_start().starts_with("```"));
            found.push((language, block.collect::<Vec<_>>().join("\n")));
        }
    }
    found
}
