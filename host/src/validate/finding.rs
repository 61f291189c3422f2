//! What was found.

use std::collections::BTreeMap;
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

/// Problems of one kind in one component that are told one by one. Nobody mends more before looking again, and a component
/// may be made to have millions.
const OF_A_KIND_MAX: usize = 100;

/// Findings in the making, of one component.
#[derive(Debug, Default)]
pub struct Findings {
    file: PathBuf,
    found: Vec<Finding>,
    kinds: BTreeMap<&'static str, Kind>,
}

/// What there is of one kind.
#[derive(Debug)]
struct Kind {
    code: &'static Code,
    n_told: usize,
    n_left_out: usize,
    /// The worst of those that were left out.
    severity: Severity,
}

impl Findings {
    /// No findings yet, about this file.
    pub fn about(file: PathBuf) -> Self {
        Self {
            file,
            ..Self::default()
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
        self.add_as(code.severity, code, within, message, hint);
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
        let place = self.place(Some(within.into()));
        self.push(Finding {
            code,
            severity,
            place,
            message: message.into(),
            hint: Some(hint.into()),
        });
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
        let place = self.place(within);
        self.push(Finding {
            code,
            severity: code.severity,
            place,
            message,
            hint,
        });
    }

    /// Adds a problem that is put together already. Of one kind only so many are told; the others are counted.
    pub fn push(&mut self, finding: Finding) {
        let kind = self.kinds.entry(finding.code.id).or_insert(Kind {
            code: finding.code,
            n_told: 0,
            n_left_out: 0,
            severity: Severity::Note,
        });
        if kind.n_told < OF_A_KIND_MAX {
            kind.n_told += 1;
            self.found.push(finding);
        } else {
            kind.n_left_out += 1;
            kind.severity = kind.severity.max(finding.severity);
        }
    }

    fn place(&self, within: Option<String>) -> Place {
        Place {
            file: self.file.clone(),
            line: None,
            within,
        }
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
        let told = self.found.iter().map(|finding| finding.severity);
        let left_out = self.kinds.values().map(|kind| kind.severity);
        told.chain(left_out)
            .all(|severity| severity < Severity::Error)
    }

    /// The problems, the worst first and else in the order they were found. Whatever a guest put into one is made harmless
    /// here, once for all.
    pub fn into_vec(mut self) -> Vec<Finding> {
        for kind in self.kinds.values().filter(|kind| kind.n_left_out > 0) {
            self.found.push(Finding {
                code: kind.code,
                severity: kind.severity,
                place: self.place(None),
                message: format!("there are {} more of this kind", kind.n_left_out),
                hint: Some("mend those that are told, and look again".to_owned()),
            });
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_kind_so_many_are_told_and_no_other_kind_is_hidden_by_them() {
        const MANY: &Code = &Code::note("PC9901", "many", "there are many", "Of these.");
        const ONE: &Code = &Code::error("PC9902", "one", "there is one", "Of these.");
        let mut findings = Findings::about("a.wasm".into());
        for n in 0..OF_A_KIND_MAX {
            findings.add(MANY, format!("tool `{n}`"), "it is here", "look");
        }
        assert!(findings.has_no_error());
        for severity in [Severity::Note, Severity::Warning] {
            findings.add_as(severity, MANY, "tool `x`", "it is here", "look");
        }
        assert!(findings.has_no_error());
        findings.add(ONE, "tool `y`", "it is there", "look");
        assert!(!findings.has_no_error());

        let told = findings.into_vec();
        assert_eq!(told.len(), OF_A_KIND_MAX + 2);
        let [first, second, ..] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!((first.code, first.severity), (ONE, Severity::Error));
        // As bad as the worst of those that are not told.
        assert_eq!((second.code, second.severity), (MANY, Severity::Warning));
        assert_eq!(second.message, "there are 2 more of this kind");
        assert_eq!(second.place.within, None);
    }

    #[test]
    fn an_error_that_is_left_out_is_one_all_the_same() {
        const MIXED: &Code = &Code::note("PC9903", "mixed", "there are some", "Of these.");
        let mut findings = Findings::about("a.wasm".into());
        for _ in 0..OF_A_KIND_MAX {
            findings.add(MIXED, "x", "it is here", "look");
        }
        findings.add_as(Severity::Error, MIXED, "x", "it is here", "look");
        assert!(!findings.has_no_error());
    }
}
