//! What a case expects of a text or of a JSON value.
//!
//! The expectations are the author's; what they are held against comes from the plugin and may be anything.

mod pattern;
mod text;

pub use pattern::Pattern;
pub use text::TextMatcher;
pub(super) use text::{says_nothing, texts};

/// Why something is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What is wrong, fit to stand after the name of what was looked at.
    pub said: String,
    /// What was expected and what was there, where it helps to see both beside each other.
    pub versus: Option<(String, String)>,
}

impl Mismatch {
    fn said(said: impl Into<String>) -> Self {
        Self {
            said: said.into(),
            versus: None,
        }
    }
}

/// A plugin's words in a sentence: in quotes, escaped, and cut where they would fill the screen.
pub(super) fn quoted(words: &str) -> String {
    format!("{:?}", cut(words))
}

/// The beginning of a text.
fn cut(words: &str) -> String {
    /// Two lines of a terminal.
    const SHOWN_CHARS_MAX: usize = 160;
    let mut shown: String = words.chars().take(SHOWN_CHARS_MAX).collect();
    if words.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
