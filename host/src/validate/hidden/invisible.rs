//! Characters that take no room on a screen, one by one and with their neighbours: most have an honest use next to the
//! right ones.

use std::collections::BTreeSet;

use crate::names::is_deceptive;

/// Hidden texts are shown as far as this; the message is cut in any case.
const SPELLED_BYTES_MAX: usize = 400;

/// Characters of one kind that were found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// How many.
    pub(super) n: usize,
    first: Option<(usize, char)>,
}

impl Seen {
    fn note(&mut self, place: usize, c: char) {
        self.n += 1;
        self.first.get_or_insert((place, c));
    }

    /// In words: how many, and where the first one is.
    pub(super) fn words(&self, what: &str) -> String {
        let (place, c) = self.first.unwrap_or_default();
        let code = u32::from(c);
        match self.n {
            1 => format!("one {what}, U+{code:04X} at character {}", place + 1),
            n => format!(
                "{n} {what}s, the first U+{code:04X} at character {}",
                place + 1
            ),
        }
    }
}

/// What is in a text and not on the screen.
#[derive(Debug, Default)]
pub(super) struct Invisible {
    /// Characters without width.
    pub(super) zero_width: Seen,
    /// Characters that turn the direction of writing.
    pub(super) bidi: Seen,
    /// Control characters.
    pub(super) control: Seen,
    /// Characters without a meaning.
    pub(super) private: Seen,
    /// What the characters without width spell, where that can be read.
    pub(super) spelled: Option<String>,
}

/// Looks through a text.
pub(super) fn look(text: &str) -> Invisible {
    let is_rtl = text.chars().any(is_right_to_left);
    let mut seen = Invisible::default();
    let mut hidden = Hidden::default();
    let mut selectors = Selectors::default();
    let mut before = None;
    let mut flag_until = 0;
    for (place, (at, c)) in text.char_indices().enumerate() {
        let after = text[at + c.len_utf8()..].chars().next();
        match c {
            '\t' | '\n' | '\r' => {}
            '\u{1f3f4}' => flag_until = flag_end(text, at + c.len_utf8()),
            '\u{e0000}'..='\u{e007f}' if at < flag_until => {}
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2066}'..='\u{2069}' if is_rtl => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => seen.bidi.note(place, c),
            // A byte order mark, which editors put there.
            '\u{feff}' if at == 0 => {}
            c if is_deceptive(c) => seen.control.note(place, c),
            c if is_private(c) => seen.private.note(place, c),
            c if has_no_width(c) && !is_honest(c, before, after) => {
                seen.zero_width.note(place, c);
                hidden.note(c);
            }
            c => selectors.note(place, c),
        }
        before = Some(c);
    }
    for (place, c) in selectors.hidden() {
        seen.zero_width.note(place, c);
        hidden.note(c);
    }
    seen.spelled = hidden.spelled();
    seen
}

/// Where the tags behind a black flag end, when they name a region as emoji do.
fn flag_end(text: &str, from: usize) -> usize {
    /// The longest there are have six letters and the end.
    const TAGS_MAX: usize = 7;
    let mut end = from;
    for c in text[from..].chars().take(TAGS_MAX) {
        end += c.len_utf8();
        match c {
            '\u{e007f}' => return end,
            '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}' => {}
            _ => break,
        }
    }
    from
}

fn has_no_width(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character without width does what it is for, between these two.
fn is_honest(c: char, before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before else {
        return false;
    };
    let joins = |c: char| is_joining(c);
    let is_picture =
        |c: char| matches!(u32::from(c), 0x2190..=0x2bff | 0x3030 | 0x303d | 0x1f000..=0x1faff);
    match c {
        // Joins emoji, and letters of the scripts that join them.
        '\u{200d}' => {
            let left = is_picture(before) || before == '\u{fe0f}' || joins(before);
            left && after
                .is_some_and(|after| is_picture(after) || joins(after) || after.is_whitespace())
        }
        '\u{200c}' => joins(before) && after.is_some_and(joins),
        // Where words have no spaces between them, it marks where a line may be broken.
        '\u{200b}' => {
            matches!(u32::from(before), 0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff)
        }
        '\u{ad}' => before.is_alphabetic() && after.is_some_and(char::is_alphabetic),
        '\u{180b}'..='\u{180f}' => matches!(u32::from(before), 0x1800..=0x18af),
        // One selector behind a character that has several looks.
        '\u{fe0f}' if matches!(before, '0'..='9' | '#' | '*') => after == Some('\u{20e3}'),
        '\u{fe00}'..='\u{fe0f}' => {
            !before.is_ascii() && !before.is_whitespace() && !has_no_width(before)
        }
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        _ => false,
    }
}

/// Scripts in which letters join, and an author says where they do not.
fn is_joining(c: char) -> bool {
    matches!(u32::from(c), 0x600..=0x8ff | 0x900..=0xdff | 0x1000..=0x109f | 0x1780..=0x18af | 0xfb50..=0xfdff | 0xfe70..=0xfefc)
}

fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x323af)
}

fn is_right_to_left(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x10800..=0x10fff | 0x1e800..=0x1efff)
}

fn is_private(c: char) -> bool {
    let code = u32::from(c);
    let is_none = (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe;
    is_none || (0xe000..=0xf8ff).contains(&code) || code >= 0xf0000
}

/// Variation selectors that each do what they are for, so that only all of them together can be judged.
#[derive(Default)]
struct Selectors {
    found: Vec<(usize, char)>,
    distinct: BTreeSet<char>,
}

impl Selectors {
    fn note(&mut self, place: usize, c: char) {
        // The last two of the first kind choose between emoji and text, and stand behind many characters.
        if matches!(c, '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}') {
            self.found.push((place, c));
            self.distinct.insert(c);
        }
    }

    /// Those that hide something: one byte behind each character, which takes more of them than any writing has.
    fn hidden(self) -> Vec<(usize, char)> {
        /// Japanese names need the first three or four, and few texts have more than one of them.
        const DISTINCT_MAX: usize = 6;
        match self.distinct.len() {
            0..=DISTINCT_MAX => Vec::new(),
            _ => self.found,
        }
    }
}

/// What the hidden characters may stand for, read in every way that is in use.
#[derive(Default)]
struct Hidden {
    /// Tags, each an ASCII character.
    tags: String,
    /// Variation selectors, each a byte.
    bytes: Vec<u8>,
    /// Two characters without width, each a bit.
    bits: Vec<char>,
}

impl Hidden {
    fn note(&mut self, c: char) {
        let code = u32::from(c);
        match c {
            '\u{e0020}'..='\u{e007e}' if self.tags.len() < SPELLED_BYTES_MAX => {
                self.tags.extend(char::from_u32(code - 0xe0000));
            }
            '\u{fe00}'..='\u{fe0f}' if self.bytes.len() < SPELLED_BYTES_MAX => {
                self.bytes.extend(u8::try_from(code - 0xfe00));
            }
            '\u{e0100}'..='\u{e01ef}' if self.bytes.len() < SPELLED_BYTES_MAX => {
                self.bytes.extend(u8::try_from(code - 0xe0100 + 16));
            }
            '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
                if self.bits.len() < 8 * SPELLED_BYTES_MAX =>
            {
                self.bits.push(c);
            }
            _ => {}
        }
    }

    fn spelled(&self) -> Option<String> {
        if !self.tags.is_empty() {
            return Some(self.tags.clone());
        }
        let bytes = str::from_utf8(&self.bytes)
            .ok()
            .filter(|text| is_words(text));
        bytes.map(str::to_owned).or_else(|| self.read_as_bits())
    }

    /// Eight bits are a letter, whichever of the two characters is the one.
    fn read_as_bits(&self) -> Option<String> {
        let one = *self.bits.first()?;
        let decoded = |is_first_one: bool| -> Option<String> {
            let bit = |c: &char| u8::from((*c == one) == is_first_one);
            let bytes = self
                .bits
                .chunks_exact(8)
                .map(|bits| bits.iter().fold(0, |byte, c| byte << 1 | bit(c)));
            String::from_utf8(bytes.collect())
                .ok()
                .filter(|text| is_words(text))
        };
        decoded(false).or_else(|| decoded(true))
    }
}

fn is_words(text: &str) -> bool {
    text.len() >= 3
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || c.is_ascii_punctuation() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_told_from_what_joins() {
        let check = |text: &str, n_hidden: usize| {
            assert_eq!(
                look(text).zero_width.n,
                n_hidden,
                "{}",
                text.escape_unicode()
            );
        };
        check("plain", 0);
        check("a\u{200d}b", 1);
        check("a\u{200c}b", 1);
        check("a\u{2060}b", 1);
        check("\u{fe0f}", 1);
        check("a\u{fe0f}", 1);
        check("\u{2764}\u{fe0f}", 0);
        check("\u{2764}\u{fe0f}\u{fe0f}", 1);
        check("\u{2764}\u{e0141}\u{e0142}", 2);
        check("\u{845b}\u{e0100}", 0);
        check("\u{845b}\u{e0100}\u{e0101}", 1);
        check("Donau\u{ad}dampf", 0);
        check("a \u{ad}\u{ad}b", 2);
        check("\u{feff}a", 0);
        check("a\u{feff}", 1);
        check("\u{e2a}\u{200b}\u{e27}", 0);
        check(
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            0,
        );
        check("\u{1f3f4}\u{e0067}\u{e0062}", 2);
        check(
            "\u{1f3f4}\u{e0069}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}\u{e0020}\u{e007f}",
            8,
        );
        check("\u{1f468}\u{200d}\u{1f469}", 0);
        check("\u{1f468}\u{200d}x", 1);
        check("x\u{200e}", 1);
        check("\u{5d0}\u{200e}", 0);
        check("a\u{3164}", 1);
    }

    #[test]
    fn a_byte_behind_each_character_is_no_writing() {
        let behind = |bytes: &[u8]| -> String {
            let selector = |b: u8| char::from_u32(0xe0100 + u32::from(b) - 16);
            let bytes = bytes.iter().copied().filter_map(selector);
            bytes.flat_map(|selector| ['\u{845b}', selector]).collect()
        };
        let seen = look(&behind(b"run it now"));
        assert_eq!(seen.zero_width.n, 10);
        assert_eq!(seen.spelled.as_deref(), Some("run it now"));
        let names = behind(&[16, 17, 18, 16, 19, 16, 17]).repeat(100);
        assert_eq!(look(&names).zero_width.n, 0);
        let nibbles: String = (0..14_u32)
            .filter_map(|n| char::from_u32(0xfe00 + n))
            .flat_map(|selector| ['\u{2764}', selector])
            .collect();
        assert_eq!(look(&nibbles).zero_width.n, 14);
    }

    #[test]
    fn what_is_spelled_can_be_read_in_every_way_in_use() {
        let selectors: String = "run it"
            .bytes()
            .filter_map(|b| char::from_u32(0xe0100 + u32::from(b) - 16))
            .collect();
        assert_eq!(
            look(&format!("a{selectors}")).spelled.as_deref(),
            Some("run it")
        );
        let bits = |zero: char, one: char| -> String {
            let bits = "obey"
                .bytes()
                .flat_map(|b| (0..8).rev().map(move |n| b >> n & 1));
            bits.map(|bit| if bit == 1 { one } else { zero }).collect()
        };
        for (zero, one) in [
            ('\u{200b}', '\u{200c}'),
            ('\u{200c}', '\u{200b}'),
            ('\u{2060}', '\u{feff}'),
        ] {
            assert_eq!(
                look(&format!("a{}b", bits(zero, one))).spelled.as_deref(),
                Some("obey")
            );
        }
        assert_eq!(look("a\u{200b}b").spelled, None);
    }

    #[test]
    fn controls_directions_and_private_characters_are_counted_apart() {
        let look = |text: &str| {
            let seen = look(text);
            (seen.bidi.n, seen.control.n, seen.private.n)
        };
        assert_eq!(look("a\tb\r\nc"), (0, 0, 0));
        assert_eq!(look("\u{1b}[31m\u{7f}\u{9b}"), (0, 3, 0));
        assert_eq!(look("\u{202e}\u{2066}"), (2, 0, 0));
        assert_eq!(look("\u{5d0}\u{2067}\u{5d1}\u{2069}"), (0, 0, 0));
        assert_eq!(look("\u{5d0}\u{202e}"), (1, 0, 0));
        assert_eq!(look("\u{e123}\u{f0000}\u{ffff}"), (0, 0, 3));
    }
}
