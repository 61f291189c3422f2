//! The files of a new plugin.
//!
//! A template is a file with two additions: `{{word}}` stands for a value, and a line `%% word …` begins lines that are only
//! there for one of these words, up to the next line of this kind.

use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// What begins a line for the template's own use.
const MARK: &str = "%%";

/// All files of the folders `folders`, filled in, with their paths in the new folder.
pub fn files(
    folders: &[&str],
    is_on: &dyn Fn(&str) -> bool,
    values: &[(&str, String)],
) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in folders {
        let dir = TEMPLATES.get_dir(folder);
        append(
            dir.expect("every language has a folder"),
            folder,
            &mut files,
        );
    }
    files.sort();
    let filled = files.into_iter().map(|(path, text)| {
        let text = fill_in(text, is_on, values);
        (path, text)
    });
    filled.collect()
}

fn append(dir: &Dir<'static>, root: &str, files: &mut Vec<(PathBuf, &'static str)>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => append(dir, root, files),
            DirEntry::File(file) => {
                let path = file.path().strip_prefix(root).unwrap_or(file.path());
                let text = file.contents_utf8().expect("templates are text");
                files.push((unveiled(path), text));
            }
        }
    }
}

/// Where a template's file goes: `dot-gitignore` is `.gitignore`, and `Cargo.toml.in` is `Cargo.toml`. Under their own names
/// they would count for this repository.
fn unveiled(path: &Path) -> PathBuf {
    let parts = path.iter().map(|part| {
        let part = part.to_string_lossy();
        let part = part.strip_suffix(".in").unwrap_or(&part);
        match part.strip_prefix("dot-") {
            Some(rest) => format!(".{rest}"),
            None => part.to_owned(),
        }
    });
    parts.collect()
}

fn fill_in(template: &str, is_on: &dyn Fn(&str) -> bool, values: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut is_shown = true;
    for line in template.lines() {
        if let Some(words) = line.strip_prefix(MARK) {
            let mut words = words.split_whitespace().peekable();
            is_shown = words.peek().is_none() || words.any(is_on);
        } else if is_shown {
            let mut line = line.to_owned();
            for (name, value) in values {
                line = line.replace(&format!("{{{{{name}}}}}"), value);
            }
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_left_out_and_words_are_filled_in() {
        let template = "a {{x}}\n%% one two\nb {{x}}{{x}}\n%% three\nc\n%%\n{y} {{z}}\n";
        let check = |on: &str, expected: &str| {
            let values = [("x", "1".to_owned())];
            assert_eq!(fill_in(template, &|word| word == on, &values), expected);
        };
        check("one", "a 1\nb 11\n{y} {{z}}\n");
        check("three", "a 1\nc\n{y} {{z}}\n");
        check("four", "a 1\n{y} {{z}}\n");
    }

    #[test]
    fn hidden_files_are_hidden_in_the_new_folder_alone() {
        let check = |from: &str, to: &str| assert_eq!(unveiled(Path::new(from)), Path::new(to));
        check("dot-github/workflows/ci.yml", ".github/workflows/ci.yml");
        check("Cargo.toml.in", "Cargo.toml");
        check("src/lib.rs", "src/lib.rs");
    }
}
