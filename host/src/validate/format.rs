//! Reports as other programs read them: JSON for anybody, SARIF for code scanning, JUnit for whoever counts tests, and commands
//! for GitHub's log.
//!
//! What a finding says may be a guest's words. Each format has its own way of being lied to, and each file here says how it is
//! kept from it.

pub mod github;
pub mod json;
pub mod junit;
mod location;
pub mod sarif;

use super::Finding;

/// A finding's words in one line: what it is about, what is wrong, and what to do.
fn sentence(finding: &Finding) -> String {
    let within = finding.place.within.as_deref();
    let within = within
        .map(|within| format!("{within}: "))
        .unwrap_or_default();
    let hint = finding.hint.as_deref();
    let hint = hint
        .map(|hint| format!(" (hint: {hint})"))
        .unwrap_or_default();
    format!("{within}{}{hint}", finding.message)
}
