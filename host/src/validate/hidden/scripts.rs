//! Words that are written in two scripts at once, with letters that look like each other.

/// A word with a letter that looks like another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// The word.
    pub(super) text: &'t str,
    letter: char,
}

impl Word<'_> {
    /// The letter, by its number, since it cannot be told by its look.
    pub(super) fn strange(&self) -> String {
        format!("U+{:04X}", u32::from(self.letter))
    }
}

/// The first word with Latin letters and with ones of another script that look like them.
///
/// A word of one script is one of a language; `μm` and `Δt` are written with letters that look like no Latin one.
pub(super) fn mixed_word(text: &str) -> Option<Word<'_>> {
    if text.is_ascii() {
        return None;
    }
    let words = text.split(|c: char| !c.is_alphanumeric());
    let mixed = words.filter_map(|text| {
        let letter = text.chars().find(|c| looks_latin(*c))?;
        let is_mixed = text.chars().any(|c| c.is_ascii_alphabetic()) || is_dressed(letter);
        is_mixed.then_some(Word { text, letter })
    });
    mixed.into_iter().next()
}

/// Letters of Cyrillic, Greek, Armenian and Cherokee that cannot be told from Latin ones, and Latin in another dress.
fn looks_latin(c: char) -> bool {
    is_dressed(c)
        || matches!(
            c,
            'а' | 'е'
                | 'о'
                | 'р'
                | 'с'
                | 'у'
                | 'х'
                | 'і'
                | 'ј'
                | 'ѕ'
                | 'ԁ'
                | 'һ'
                | 'ԛ'
                | 'ԝ'
                | 'ӏ'
                | 'ґ'
                | 'А'
                | 'В'
                | 'Е'
                | 'К'
                | 'М'
                | 'Н'
                | 'О'
                | 'Р'
                | 'С'
                | 'Т'
                | 'У'
                | 'Х'
                | 'І'
                | 'Ј'
                | 'Ѕ'
                | 'ο'
                | 'Α'
                | 'Β'
                | 'Ε'
                | 'Ζ'
                | 'Η'
                | 'Ι'
                | 'Κ'
                | 'Μ'
                | 'Ν'
                | 'Ο'
                | 'Ρ'
                | 'Τ'
                | 'Υ'
                | 'Χ'
                | 'օ'
                | 'ո'
                | 'ս'
                | 'Ꭺ'
                | 'Ꭼ'
                | 'Ꮋ'
                | 'Ꮯ'
                | 'Ꮪ'
                | 'Ꭲ'
        )
}

/// Mathematical and full-width Latin letters: scanners miss words in them, and models do not.
fn is_dressed(c: char) -> bool {
    matches!(u32::from(c), 0x1d400..=0x1d7cb | 0xff21..=0xff3a | 0xff41..=0xff5a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_letters_of_one_script() {
        let check = |text: &str, mixed: Option<&str>| {
            assert_eq!(mixed_word(text).map(|word| word.text), mixed, "{text}");
        };
        check("paypal", None);
        check("p\u{430}ypal", Some("p\u{430}ypal"));
        check("the \u{441}ard", Some("\u{441}ard"));
        check("пример и ещё один", None);
        check("JSON-пример", None);
        check("μm, Δt, kΩ, naïve, Größe, λx", None);
        check("Ω and αβγ", None);
        check(
            "\u{1d422}\u{1d420}\u{1d427}\u{1d428}\u{1d42b}\u{1d41e}",
            Some("\u{1d422}\u{1d420}\u{1d427}\u{1d428}\u{1d42b}\u{1d41e}"),
        );
        check("\u{ff52}\u{ff55}\u{ff4e}", Some("\u{ff52}\u{ff55}\u{ff4e}"));
        check("日本語 and ＣＪＫ", Some("ＣＪＫ"));
    }
}
