//! The name of a skill, which is its folder's too.

use std::fmt;
use std::str::FromStr;

use super::NameError;

/// One to sixty-four of `[a-z0-9-]`, with no hyphen at either end or beside another, as the Agent Skills format has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SkillName(String);

/// What the Agent Skills format allows.
const CHARS_MAX: usize = 64;

impl SkillName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SkillName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SkillName {
    type Err = NameError;

    fn from_str(claimed: &str) -> Result<Self, NameError> {
        let fits = (1..=CHARS_MAX).contains(&claimed.len())
            && claimed
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !claimed.starts_with('-')
            && !claimed.ends_with('-')
            && !claimed.contains("--");
        if fits {
            return Ok(Self(claimed.to_owned()));
        }
        Err(NameError::new(
            "skill name",
            claimed,
            "is not one that clients take",
            "use at most 64 lower-case letters, digits and single hyphens, such as `web-search`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_is_named_as_the_format_has_it() {
        let check = |claimed: &str, fits| {
            assert_eq!(claimed.parse::<SkillName>().is_ok(), fits, "{claimed:?}")
        };
        check("a", true);
        check("exact-text-2", true);
        check(&"a".repeat(64), true);
        check(&"a".repeat(65), false);
        for bad in ["", "A", "a_b", "-a", "a-", "a--b", "a/b", "..", "ä"] {
            check(bad, false);
        }
    }
}
