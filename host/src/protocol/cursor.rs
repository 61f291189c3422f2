//! Where the next page of a list begins.
//!
//! A cursor names the last entry of the page before it, and not a position: when the list changes between two pages,
//! nothing that stayed is skipped or told twice. It gives no right to anything, so it is checked and not signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::catalogue::Offered;
use crate::limits::URI_BYTES_MAX;
use crate::names::PluginName;

/// Bytes of a cursor: the longest name, encoded, and room for the plugin's.
const CURSOR_BYTES_MAX: usize = 2 * URI_BYTES_MAX;

/// A list that is given out in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// `tools/list`.
    Tools,
    /// `resources/list`.
    Resources,
    /// `resources/templates/list`.
    Templates,
    /// `prompts/list`.
    Prompts,
    /// `skills/list`.
    Skills,
    /// `resources/directory/read`.
    Folder,
}

impl List {
    /// What stands in a cursor, so that one list's cursor is not taken for another's.
    fn tag(self) -> &'static str {
        match self {
            Self::Tools => "t",
            Self::Resources => "r",
            Self::Templates => "f",
            Self::Prompts => "p",
            Self::Skills => "s",
            Self::Folder => "d",
        }
    }
}

/// A text that this host did not give out as a cursor of this list, or whose plugin is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of this list (hint: begin again without a cursor)")]
pub(super) struct BadCursor;

/// The cursor of the page that follows `last`.
pub(super) fn after<T>(list: List, last: &Offered<T>) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{}", list.tag(), last.plugin, last.public))
}

/// The position in `entries` at which the page begins that `claimed` stands for.
///
/// Relies on the order of a catalogue: each plugin's entries stand together, sorted by name.
pub(super) fn position<T>(
    list: List,
    claimed: &str,
    entries: &[Offered<T>],
) -> Result<usize, BadCursor> {
    if claimed.len() > CURSOR_BYTES_MAX {
        return Err(BadCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(claimed).map_err(|_| BadCursor)?;
    let text = str::from_utf8(&bytes).map_err(|_| BadCursor)?;
    let (plugin, name) = text
        .strip_prefix(list.tag())
        .and_then(|rest| rest.strip_prefix('\n')?.split_once('\n'))
        .ok_or(BadCursor)?;
    let plugin: PluginName = plugin.parse().map_err(|_| BadCursor)?;
    let first = entries
        .iter()
        .position(|entry| entry.plugin == plugin)
        .ok_or(BadCursor)?;
    let told = entries[first..]
        .iter()
        .take_while(|entry| entry.plugin == plugin && &*entry.public <= name);
    Ok(first + told.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[(&str, &str)]) -> Vec<Offered<()>> {
        let offered = |(plugin, public): &(&str, &str)| Offered {
            plugin: plugin.parse().expect("the tests use good names"),
            public: (*public).into(),
            item: ().into(),
        };
        names.iter().map(offered).collect()
    }

    #[test]
    fn the_next_page_begins_after_the_last_entry_of_the_page_before() {
        let list = entries(&[("zoo", "a"), ("zoo", "b"), ("ant", "a")]);
        let next = |last: usize| position(List::Tools, &after(List::Tools, &list[last]), &list);
        assert_eq!([next(0), next(1), next(2)], [Ok(1), Ok(2), Ok(3)]);
    }

    #[test]
    fn a_cursor_keeps_its_meaning_when_the_list_changes() {
        let before = entries(&[("zoo", "b"), ("zoo", "d")]);
        let cursor = after(List::Tools, &before[0]);
        let check = |now: &[(&str, &str)], expected| {
            assert_eq!(
                position(List::Tools, &cursor, &entries(now)),
                expected,
                "{now:?}"
            );
        };
        check(&[("zoo", "a"), ("zoo", "b"), ("zoo", "d")], Ok(2));
        check(&[("zoo", "a"), ("zoo", "d")], Ok(1));
        check(&[("ant", "x"), ("zoo", "b"), ("zoo", "c")], Ok(2));
        check(&[("zoo", "a")], Ok(1));
        check(&[("ant", "x")], Err(BadCursor));
        check(&[], Err(BadCursor));
    }

    #[test]
    fn what_is_not_a_cursor_of_the_list_is_refused() {
        let list = entries(&[("zoo", "a")]);
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for claimed in [
            "",
            "0",
            "not base64!",
            &encode(""),
            &encode("t"),
            &encode("t\nzoo"),
            &encode("tzoo\na"),
            &encode("p\nzoo\na"),
            &encode("t\n../x\na"),
            &URL_SAFE_NO_PAD.encode([b't', b'\n', 0xff]),
            &"A".repeat(CURSOR_BYTES_MAX + 1),
        ] {
            assert_eq!(
                position(List::Tools, claimed, &list),
                Err(BadCursor),
                "{claimed}"
            );
        }
    }

    #[test]
    fn the_longest_name_fits_a_cursor() {
        let longest = "x".repeat(URI_BYTES_MAX);
        let list = entries(&[("zoo", &longest)]);
        let cursor = after(List::Resources, &list[0]);
        assert_eq!(position(List::Resources, &cursor, &list), Ok(1));
    }
}
