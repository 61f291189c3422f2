//! What is told of one component.

use std::path::PathBuf;

use super::{Finding, Origin, Provenance, Severity, Stage};
use crate::names::Digest;

/// What is told of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was validated, as it was named.
    pub path: PathBuf,
    /// The file of its source that stands for it, where that is known.
    pub origin: Option<Origin>,
    /// Its name; none when its manifest could not be read.
    pub name: Option<String>,
    /// Its version. A component without a manifest has none.
    pub version: Option<String>,
    /// The SHA-256 of the component.
    pub digest: Option<Digest>,
    /// Bytes of the component.
    pub n_bytes: Option<u64>,
    /// What it says of where it comes from; none when it could not be read.
    pub provenance: Option<Provenance>,
    /// The last stage it reached.
    pub reached: Stage,
    /// Whether it was to be held against a lock file.
    pub is_locked: bool,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reasons not to ship it.
    pub errors: usize,
    /// What somebody will be sorry for.
    pub warnings: usize,
    /// What is worth knowing.
    pub notes: usize,
}

impl Report {
    /// Nothing known yet.
    pub(super) fn about(path: PathBuf) -> Self {
        Self {
            path,
            origin: None,
            name: None,
            version: None,
            digest: None,
            n_bytes: None,
            provenance: None,
            reached: Stage::File,
            is_locked: false,
            findings: Vec::new(),
        }
    }

    /// How bad the worst finding is; none without any.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Takes each warning for an error, in every format alike: what fails says that it does.
    pub fn deny_warnings(&mut self) {
        for finding in &mut self.findings {
            if finding.severity == Severity::Warning {
                finding.severity = Severity::Error;
            }
        }
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.findings)
    }
}

impl Counts {
    /// Counts findings.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }
}
