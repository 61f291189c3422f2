//! Everything that is looked at once a component is loaded. One line for each kind of check.

use super::{
    Findings, Subject, budget, descriptions, hidden, leftovers, manifests, names, provenance,
    schemas, secrets,
};
use super::{stability, unused, uris};

/// A check looks and tells. It reads no files and runs nothing.
type Check = fn(&Subject, &mut Findings);

/// All of them, by the ids of what they find.
const CHECKS: &[Check] = &[
    manifests::check,
    unused::check,
    names::check,
    uris::check,
    descriptions::check,
    hidden::check,
    schemas::check,
    stability::check,
    budget::check,
    leftovers::check,
    secrets::check,
    provenance::check,
];

/// Looks at a component in every way there is.
pub(super) fn run(subject: &Subject, findings: &mut Findings) {
    for check in CHECKS {
        check(subject, findings);
    }
}
