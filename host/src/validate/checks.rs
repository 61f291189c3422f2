//! Everything that is looked at once a component is loaded. One line for each kind of check.

use super::{Findings, Subject, manifests, unused};

/// A check looks and tells. It reads no files and runs nothing.
type Check = fn(&Subject, &mut Findings);

/// All of them, by the ids of what they find.
const CHECKS: &[Check] = &[manifests::check, unused::check];

/// Looks at a component in every way there is.
pub(super) fn run(subject: &Subject, findings: &mut Findings) {
    for check in CHECKS {
        check(subject, findings);
    }
}
