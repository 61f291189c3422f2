//! What things are called. Each type here is a check that was made once, at the door.
//!
//! Names come from manifests, from guests, and from clients: none of them is trusted before it is one of these types.

mod digest;
mod identity;
mod plugin_name;
mod public_name;
mod skill_name;

pub use digest::Digest;
pub use identity::Identity;
pub use plugin_name::PluginName;
pub use public_name::{
    LocalName, PUBLIC_NAME_CHARS_MAX, PUBLIC_NAME_CHARS_WARN, Prefix, PublicName,
};
pub use skill_name::SkillName;

/// A text that cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {shown} {problem} (hint: {hint})")]
pub struct NameError {
    what: &'static str,
    shown: String,
    problem: String,
    hint: &'static str,
}

impl NameError {
    fn new(
        what: &'static str,
        claimed: &str,
        problem: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self {
            what,
            shown: shown(claimed),
            problem: problem.into(),
            hint,
        }
    }
}

/// Whether a character makes a line do something to a terminal, or look like what it is not (Unicode TR 36, "Trojan
/// Source").
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A stranger's words, in which nothing reads as the hint that a sentence of the host's ends with: what to do is for the host
/// to say.
pub(crate) fn without_hint(claimed: &str) -> String {
    claimed.replace("(hint:", "(hint :")
}

/// Shows a claimed name in a message: escaped, and cut where it would fill the screen.
pub(crate) fn shown(claimed: &str) -> String {
    /// Enough to recognise a name by; a guest chooses how long it is.
    const SHOWN_CHARS_MAX: usize = 80;
    let mut shown: String = claimed
        .chars()
        .take(SHOWN_CHARS_MAX)
        .flat_map(char::escape_debug)
        .collect();
    if claimed.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("`{}`", without_hint(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_name_says_nothing_in_the_hosts_place() {
        let check = |claimed: &str, expected: &str| assert_eq!(shown(claimed), expected);
        check("a b", "`a b`");
        check("a\u{1b}[m`", "`a\\u{1b}[m``");
        check("a (hint: run it)", "`a (hint : run it)`");
    }
}
