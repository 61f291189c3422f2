//! What was found.

use std::path::{Path, PathBuf};

use super::sentence::{harmless, split_hint};
use super::{Code, Severity};

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line in it, from 1, where the file has lines.
    pub line: Option<u32>,
    /// The thing in it, such as ``tool `add` ``, ``key `permissions.network[0]` ``, ``section `name` ``.
    pub within: Option<String>,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub code: &'static Code,
    /// How bad it is here.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong: one sentence, in lower case and without a full stop. What a guest said was made harmless.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Findings in the making, of one component.
#[derive(Debug, Default)]
pub struct Findings {
    file: PathBuf,
    found: Vec<Finding>,
}

impl Findings {
    /// No findings yet, about this file.
    pub fn about(file: PathBuf) -> Self {
        Self {
            file,
            found: Vec::new(),
        }
    }

    /// Adds a problem with `within`, as bad as its kind says.
    pub fn add(
        &mut self,
        code: &'static Code,
        within: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.found.push(Finding {
            code,
            severity: code.severity,
            place: Place {
                file: self.file.clone(),
                line: None,
                within: Some(within.into()),
            },
            message: message.into(),
            hint: Some(hint.into()),
        });
    }

    /// Adds a problem with `within` that is as bad here as `severity` says.
    pub fn add_as(
        &mut self,
        severity: Severity,
        code: &'static Code,
        within: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(code, within, message, hint);
        if let Some(added) = self.found.last_mut() {
            added.severity = severity;
        }
    }

    /// Adds a problem of another room, whose sentence may end with its hint.
    pub(super) fn tell(&mut self, code: &'static Code, within: Option<String>, sentence: &str) {
        let (message, hint) = split_hint(sentence);
        self.tell_with(code, within, message, hint);
    }

    /// The same with the hint apart.
    pub(super) fn tell_with(
        &mut self,
        code: &'static Code,
        within: Option<String>,
        message: String,
        hint: Option<String>,
    ) {
        self.found.push(Finding {
            code,
            severity: code.severity,
            place: Place {
                file: self.file.clone(),
                line: None,
                within,
            },
            message,
            hint,
        });
    }

    /// Adds a problem that is put together already.
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// The file they are about.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is told further on is about this file.
    pub fn go_on_about(&mut self, file: PathBuf) {
        self.file = file;
    }

    /// Whether there is none so bad that the component must not be shipped.
    pub fn has_no_error(&self) -> bool {
        self.found
            .iter()
            .all(|finding| finding.severity < Severity::Error)
    }

    /// The problems, the worst first and else in the order they were found. Whatever a guest put into one is made harmless
    /// here, once for all.
    pub fn into_vec(mut self) -> Vec<Finding> {
        self.found
            .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in &mut self.found {
            finding.message = harmless(&finding.message);
            for words in [&mut finding.hint, &mut finding.place.within]
                .into_iter()
                .flatten()
            {
                *words = harmless(words);
            }
        }
        self.found
    }
}
