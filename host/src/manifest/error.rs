//! Why a manifest cannot be used.

use crate::limits::MANIFEST_BYTES_MAX;

/// A manifest that cannot be used, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("manifest `{origin}`: {problem}")]
pub struct ManifestError {
    /// The file, or what else people know it by.
    pub origin: String,
    /// What is wrong.
    pub problem: ManifestProblem,
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
