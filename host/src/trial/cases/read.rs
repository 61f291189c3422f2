//! Reading a case file.

use std::collections::BTreeMap;
use std::fs::File as DiskFile;
use std::io::Read;
use std::path::Path;

use super::layer::{CONDITION_KEYS, Layer, Settled};
use super::step::{self, STEP_KEYS};
use super::{Case, CaseError, CaseFile};
use crate::config::{ConfigError, Field, File};

/// Bytes of a case file: thousands of cases. What is longer is data, and has a file of its own.
const CASE_FILE_BYTES_MAX: u64 = 1 << 20;

/// Characters of a case's name as a file's; file systems allow three times as many bytes.
const SLUG_CHARS_MAX: usize = 60;

impl CaseFile {
    /// Reads a case file, and the files it names.
    ///
    /// # Errors
    /// When it cannot be read or makes no sense.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let unreadable = |error| CaseError::Unreadable {
            path: path.to_owned(),
            error,
            hint: "name an existing case file",
        };
        let mut text = String::new();
        DiskFile::open(path)
            .and_then(|file| file.take(CASE_FILE_BYTES_MAX + 1).read_to_string(&mut text))
            .map_err(unreadable)?;
        if text.len() as u64 > CASE_FILE_BYTES_MAX {
            return Err(CaseError::TooLarge {
                path: path.to_owned(),
                allowed: CASE_FILE_BYTES_MAX,
            });
        }
        Ok(Self::parse(&text, path)?)
    }

    /// Reads the text of a case file. Files it names are looked for beside `path`.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let file = File {
            text,
            origin: path,
            described_in: "docs/testing.md",
        };
        let table = file.read()?;
        let top = file.top(table.get_ref());
        top.only(&[CONDITION_KEYS, &["case"]].concat(), &[])?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let common = Layer::read(&top, folder)?;
        let mut cases = Vec::new();
        let mut seen = BTreeMap::new();
        for field in top
            .field("case")
            .map_or(Ok(Vec::new()), |cases| cases.items())?
        {
            let case = read_case(&field, &common, folder)?;
            let (slug, whole) = (case.slug.clone(), whole_slug(&case.name));
            if let Some((line, other)) = seen.insert(slug, (case.line, whole.clone())) {
                return Err(field.bad_value(match other == whole {
                    true => format!(
                        "has the same name as the case on line {line}, or one that only differs in signs (hint: say what \
                         is different about it)"
                    ),
                    false => format!(
                        "has a name whose first {SLUG_CHARS_MAX} characters are those of the case on line {line}, and its \
                         files are named for them (hint: say earlier what is different about it)"
                    ),
                }));
            }
            cases.push(case);
        }
        Ok(Self {
            path: path.to_owned(),
            stem: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            cases,
        })
    }
}

fn read_case(field: &Field<'_>, common: &Layer, folder: &Path) -> Result<Case, ConfigError> {
    let table = field.table()?;
    let known = [&["name"], STEP_KEYS, &["record", "step"], CONDITION_KEYS].concat();
    table.only(&known, &[])?;
    let Some(name) = table.field("name") else {
        return Err(field.bad_value(
            "has no `name` (hint: say what it claims, such as `name = \"greets by name\"`)",
        ));
    };
    let slug = slug(name.text()?);
    if slug.is_empty() {
        return Err(name.bad_value("has no letter in it (hint: say what the case claims)"));
    }
    let steps = match table.field("step") {
        None => vec![step::read(field, &table)?],
        Some(steps) => {
            if let Some(own) = STEP_KEYS.iter().find_map(|key| table.field(key)) {
                return Err(own.bad_value(
                    "stands beside `[[case.step]]` (hint: it belongs into one of the steps)",
                ));
            }
            let steps = steps.items()?;
            let steps = steps.iter().map(|step| {
                let table = step.table()?;
                table.only(STEP_KEYS, &[])?;
                step::read(step, &table)
            });
            steps.collect::<Result<Vec<_>, _>>()?
        }
    };
    if steps.is_empty() {
        return Err(field.bad_value("has no step (hint: write `[[case.step]]` with a `tool`)"));
    }
    let own = Layer::read(&table, folder)?;
    let Settled {
        conditions,
        folders,
        recorded_with,
    } = own.over(common);
    Ok(Case {
        name: name.text()?.to_owned(),
        slug,
        line: field.line(),
        conditions,
        folders,
        recorded_with,
        record: table.field("record").map_or(Ok(false), Field::boolean)?,
        steps,
    })
}

/// A name as a file's: the beginning of it in letters and digits.
fn slug(name: &str) -> String {
    let slug: String = whole_slug(name).chars().take(SLUG_CHARS_MAX).collect();
    slug.trim_end_matches('-').to_owned()
}

/// A name in letters and digits in lower case, with `-` between words.
fn whole_slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c.is_alphanumeric() {
            true => slug.push(c),
            false if slug.ends_with('-') || slug.is_empty() => {}
            false => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests;
