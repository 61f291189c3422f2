//! What came of a run: for people, for programs, and for a job's overview.

mod junit;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::coverage::Coverage;
use super::difference::{DiffLine, difference};
use super::snapshots::SnapshotChange;
use crate::runtime::{LogLine, Usage};

pub use junit::junit;

/// Something about a case that is not as expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Complaint {
    /// The step it is about, from 1, in a case with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What is wrong. It may hold words of the plugin.
    pub said: String,
    /// What was expected and what is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<DiffLine>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Complaint {
    /// A complaint in one sentence.
    pub(super) fn said(said: impl Into<String>) -> Self {
        Self {
            step: None,
            said: said.into(),
            diff: Vec::new(),
            hint: None,
        }
    }

    /// The same with what was expected and what is there.
    #[must_use]
    pub(super) fn versus(self, expected: &str, actual: &str) -> Self {
        Self {
            diff: difference(expected, actual),
            ..self
        }
    }

    /// The same with what to do.
    #[must_use]
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// What happened in one step.
#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    /// What was called, such as ``tool `add` ``.
    pub call: String,
    /// Visits to the plugin; none when the call did not reach it.
    pub n_rounds: u32,
    /// What it used.
    pub usage: Usage,
    /// What it tried that is permitted.
    pub permitted: Vec<String>,
    /// What it tried that is refused.
    pub refused: Vec<String>,
    /// The requests that were answered, and with which status.
    pub requests: Vec<String>,
    /// What it printed and logged.
    pub log: Vec<LogLine>,
}

/// What came of one case.
#[derive(Debug, Clone, Serialize)]
pub struct CaseReport {
    /// The case file.
    pub file: PathBuf,
    /// The line the case begins on.
    pub line: usize,
    /// What it claims.
    pub name: String,
    /// What is not as expected.
    pub complaints: Vec<Complaint>,
    /// What is worth knowing and no reason to fail.
    pub notes: Vec<String>,
    /// Answers that are not those that are kept. As long as there is one, the case has failed.
    #[serde(skip)]
    pub snapshots: Vec<(usize, SnapshotChange)>,
    /// Milliseconds, the stage included.
    pub ms: u64,
    /// What happened, step by step, as far as it came.
    pub steps: Vec<StepReport>,
}

impl CaseReport {
    /// Whether all is as expected.
    pub fn has_passed(&self) -> bool {
        self.complaints.is_empty() && self.snapshots.is_empty()
    }

    /// All that is not as expected, answers that are not those that are kept included.
    pub fn all_complaints(&self) -> Vec<Complaint> {
        let of_snapshots = self.snapshots.iter().map(|(step, change)| {
            let complaint = match &change.kept {
                Some(kept) => Complaint::said(format!(
                    "the answer is not the one in `{}`",
                    change.path.display()
                ))
                .versus(kept, &change.now),
                None => Complaint::said(format!("`{}` is not there yet", change.path.display()))
                    .versus("", &change.now),
            };
            Complaint {
                step: (self.steps.len() > 1).then_some(step + 1),
                ..complaint
                    .hint("`portcullis test --review` shows it and asks; `--accept` keeps it")
            }
        });
        self.complaints
            .iter()
            .cloned()
            .chain(of_snapshots)
            .collect()
    }
}

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The plugin's name and version.
    pub plugin: String,
    /// The component's digest.
    pub digest: String,
    /// The cases that were played, in the order of their files.
    pub cases: Vec<CaseReport>,
    /// Those that were not, since somebody interrupted the run: their files and names.
    pub left_out: Vec<(PathBuf, String)>,
    /// What was never called.
    pub coverage: Coverage,
    /// Files beside the cases that no case looks at.
    pub unused: Vec<PathBuf>,
    /// How long all of it took.
    pub took: Duration,
}

impl Report {
    /// How many cases passed.
    pub fn n_passed(&self) -> usize {
        self.cases.iter().filter(|case| case.has_passed()).count()
    }

    /// How many did not.
    pub fn n_failed(&self) -> usize {
        self.cases.len() - self.n_passed()
    }

    /// The cases by their files, in order.
    pub fn by_file(&self) -> BTreeMap<&PathBuf, Vec<&CaseReport>> {
        let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for case in &self.cases {
            files.entry(&case.file).or_default().push(case);
        }
        files
    }

    /// All of it for a program.
    pub fn json(&self) -> serde_json::Value {
        let case = |case: &CaseReport| {
            let mut value = serde_json::to_value(case).unwrap_or_default();
            value["passed"] = case.has_passed().into();
            value["complaints"] = serde_json::to_value(case.all_complaints()).unwrap_or_default();
            value
        };
        serde_json::json!({
            "plugin": self.plugin,
            "digest": self.digest,
            "passed": self.n_passed(),
            "failed": self.n_failed(),
            "leftOut": self.left_out.len(),
            "ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "cases": self.cases.iter().map(case).collect::<Vec<_>>(),
            "coverage": self.coverage.json(),
            "unused": self.unused,
        })
    }
}
