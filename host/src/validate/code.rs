//! A kind of problem.

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It loads, and somebody will be sorry.
    Warning,
    /// It does not load, or must not be shipped.
    Error,
}

/// A kind of problem. Its id is stable: it is never used for anything else, and never given to another problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `PC` and four digits, of which the first two are the family.
    pub id: &'static str,
    /// In a few words with hyphens, for people who read logs.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line.
    pub title: &'static str,
    /// What it means, why it matters, and how it is mended: some sentences of Markdown.
    pub explanation: &'static str,
}

impl Code {
    /// A kind of problem that must not be shipped.
    pub const fn error(
        id: &'static str,
        name: &'static str,
        title: &'static str,
        explanation: &'static str,
    ) -> Self {
        Self {
            id,
            name,
            severity: Severity::Error,
            title,
            explanation,
        }
    }

    /// A kind of problem that somebody will be sorry for.
    pub const fn warning(
        id: &'static str,
        name: &'static str,
        title: &'static str,
        explanation: &'static str,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(id, name, title, explanation)
        }
    }

    /// A kind of problem that is worth knowing.
    pub const fn note(
        id: &'static str,
        name: &'static str,
        title: &'static str,
        explanation: &'static str,
    ) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(id, name, title, explanation)
        }
    }
}
