//! Why a manifest cannot be used.

use crate::limits::MANIFEST_BYTES_MAX;

/// A manifest that cannot be used, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("manifest `{origin}`: {problem}")]
pub struct ManifestError {
    /// The file, or what else people know it by.
    pub origin: String,
    /// What is wrong, or what explains most of it.
    pub problem: ManifestProblem,
    /// What else is wrong, for whoever wants to mend all of it at once.
    pub others: Vec<ManifestProblem>,
}

impl ManifestError {
    /// One problem.
    pub(super) fn new(origin: impl Into<String>, problem: ManifestProblem) -> Self {
        Self {
            origin: origin.into(),
            problem,
            others: Vec::new(),
        }
    }

    /// Several, of which the first is told where there is room for one.
    pub(super) fn several(origin: impl Into<String>, problems: Problems) -> Self {
        Self {
            origin: origin.into(),
            problem: problems.first,
            others: problems.others,
        }
    }

    /// All that is wrong.
    pub fn problems(&self) -> impl Iterator<Item = &ManifestProblem> {
        std::iter::once(&self.problem).chain(&self.others)
    }
}

/// One problem at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problems {
    first: ManifestProblem,
    others: Vec<ManifestProblem>,
}

impl Problems {
    /// The problems, or nothing when there is none.
    pub(super) fn of(problems: Vec<ManifestProblem>) -> Option<Self> {
        let mut problems = problems.into_iter();
        Some(Self {
            first: problems.next()?,
            others: problems.collect(),
        })
    }
}

impl From<ManifestProblem> for Problems {
    fn from(first: ManifestProblem) -> Self {
        Self {
            first,
            others: Vec::new(),
        }
    }
}

/// What is wrong with a manifest. A key below another is written `permissions.network[2]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// Longer than any honest one.
    #[error(
        "has {bytes} bytes, and {MANIFEST_BYTES_MAX} are allowed (hint: leave long texts to the documentation)"
    )]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON, or with a key twice in one object.
    #[error("cannot be read as JSON: {0} (hint: a manifest is one JSON object)")]
    NotJson(String),
    /// A key that means nothing.
    #[error("key `{key}` is not known (hint: {hint})")]
    UnknownKey {
        /// The key.
        key: String,
        /// What may have been meant.
        hint: String,
    },
    /// A key without which a manifest is none.
    #[error(
        "key `{key}` is missing (hint: `name` and `version` are needed, such as \"weather\" and \"1.0.0\")"
    )]
    MissingKey {
        /// The key.
        key: String,
    },
    /// A value of the wrong form.
    #[error(
        "key `{key}` is {shown}, expected {expected} (hint: schemas/plugin.schema.json describes every key)"
    )]
    Unfit {
        /// The key.
        key: String,
        /// The value, cut.
        shown: String,
        /// What should be there.
        expected: String,
    },
    /// A value of the right form that makes no sense.
    #[error("key `{key}`: {reason}")]
    BadValue {
        /// The key.
        key: String,
        /// Why, with a hint.
        reason: String,
    },
    /// A component with manifests that differ.
    #[error(
        "stands in the component twice and differs (hint: compose components so that one is left)"
    )]
    SeveralEmbedded,
    /// A README or a licence that is longer than any honest one.
    #[error("has {bytes} bytes, and {allowed} are allowed (hint: shorten the file and pack again)")]
    TextTooLarge {
        /// Its length.
        bytes: usize,
        /// What it may have.
        allowed: usize,
    },
    /// A README or a licence that is something else.
    #[error("is not UTF-8 (hint: save the file as UTF-8 and pack again)")]
    NotText,
    /// A component in which other components are packed too deeply.
    #[error("nests components more than {0} levels deep (hint: compose fewer components)")]
    NestedTooDeeply(usize),
    /// Two manifests of one plugin that differ.
    #[error(
        "key `{key}` differs from the manifest embedded in `{component}` (hint: build the component again, or remove \
         one of the two)"
    )]
    Disagrees {
        /// The first key that differs.
        key: String,
        /// The component's file.
        component: String,
    },
}

impl ManifestProblem {
    /// The key it is about, when it is about one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key, .. }
            | Self::MissingKey { key }
            | Self::Unfit { key, .. }
            | Self::BadValue { key, .. }
            | Self::Disagrees { key, .. } => Some(key),
            Self::TooLarge { .. }
            | Self::NotJson(_)
            | Self::SeveralEmbedded
            | Self::TextTooLarge { .. }
            | Self::NotText
            | Self::NestedTooDeeply(_) => None,
        }
    }
}
