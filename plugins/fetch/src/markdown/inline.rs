//! One paragraph while it is written: its text, and what is bold, a link or code in it.

/// Marks that may stand within each other. Nobody writes more; each costs a pass over what it holds.
const MARKS_MAX: usize = 8;

/// What a stretch of text is.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Struck out.
    Strike,
    /// Code.
    Code,
    /// A link to this address. None: to nothing that could be followed.
    Link(Option<String>),
}

impl Mark {
    /// Whether the two are ended by the same tags.
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// One paragraph.
#[derive(Debug, Default)]
pub struct Inline {
    text: String,
    /// Marks that are open, and where their text begins.
    open: Vec<(Mark, usize)>,
}

impl Inline {
    /// Adds text; white space in it counts as one space.
    pub fn push(&mut self, text: &str) {
        for c in text.chars() {
            if !c.is_whitespace() {
                self.text.push(c);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        }
    }

    /// Adds text as it is.
    pub fn push_raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends a line.
    pub fn line_break(&mut self) {
        let len = self.text.trim_end().len();
        // What a mark holds is not cut away from under it.
        let begun = self.open.last().map_or(0, |(_, start)| *start);
        self.text.truncate(len.max(begun));
        self.text.push('\n');
    }

    /// Begins a mark.
    pub fn open(&mut self, mark: Mark) {
        if self.open.len() < MARKS_MAX {
            self.open.push((mark, self.text.len()));
        }
    }

    /// Ends the innermost mark of this kind, and those within it.
    pub fn close(&mut self, mark: &Mark) {
        let Some(idx) = self.open.iter().rposition(|(open, _)| open.is_like(mark)) else {
            return;
        };
        for (mark, start) in self.open.split_off(idx).into_iter().rev() {
            self.wrap(&mark, start);
        }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes the paragraph. Marks that are open go on in the next one.
    pub fn take(&mut self) -> String {
        let open = std::mem::take(&mut self.open);
        for (mark, start) in open.iter().rev() {
            self.wrap(mark, *start);
        }
        self.open = open.into_iter().map(|(mark, _)| (mark, 0)).collect();
        std::mem::take(&mut self.text).trim().to_owned()
    }

    /// Takes the text as it is, without its marks.
    pub fn take_raw(&mut self) -> String {
        self.open.iter_mut().for_each(|(_, start)| *start = 0);
        std::mem::take(&mut self.text)
    }

    /// Writes a mark around the text from `start` on; white space stays outside.
    fn wrap(&mut self, mark: &Mark, start: usize) {
        // `start` was the length of the text once, and the text behind it was only added to.
        let Some(held) = self.text.get(start..) else {
            return;
        };
        let words = held.trim();
        if words.is_empty() {
            return;
        }
        let before = &held[..held.len() - held.trim_start().len()];
        let after = &held[held.trim_end().len()..];
        let marked = match mark {
            Mark::Strong => format!("**{words}**"),
            Mark::Emphasis => format!("*{words}*"),
            Mark::Strike => format!("~~{words}~~"),
            Mark::Code if words.contains('`') => format!("`` {words} ``"),
            Mark::Code => format!("`{words}`"),
            Mark::Link(Some(url)) => {
                let words = words
                    .replace('\n', " ")
                    .replace('[', "\\[")
                    .replace(']', "\\]");
                // A picture in a link is Markdown itself.
                let words = words.replace("!\\[", "![").replace("\\](", "](");
                format!("[{words}]({url})")
            }
            Mark::Link(None) => words.to_owned(),
        };
        let wrapped = format!("{before}{marked}{after}");
        self.text.truncate(start);
        self.text.push_str(&wrapped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_holds_words_and_leaves_space_outside() {
        let mut line = Inline::default();
        line.push("a");
        line.open(Mark::Strong);
        line.push(" b ");
        line.close(&Mark::Strong);
        line.push("c");
        assert_eq!(line.take(), "a **b** c");
    }

    #[test]
    fn an_empty_mark_leaves_nothing() {
        let mut line = Inline::default();
        line.open(Mark::Emphasis);
        line.push("  ");
        line.close(&Mark::Emphasis);
        line.close(&Mark::Strong);
        assert_eq!(line.take(), "");
    }

    #[test]
    fn marks_that_end_in_the_wrong_order_are_ended_together() {
        let mut line = Inline::default();
        line.open(Mark::Strong);
        line.push("a");
        line.open(Mark::Emphasis);
        line.push("b");
        line.close(&Mark::Strong);
        line.push("c");
        line.close(&Mark::Emphasis);
        assert_eq!(line.take(), "**a*b***c");
    }

    #[test]
    fn a_link_goes_on_in_the_next_paragraph() {
        let mut line = Inline::default();
        line.open(Mark::Link(Some("https://a.example/".to_owned())));
        line.push("one");
        assert_eq!(line.take(), "[one](https://a.example/)");
        line.push("two");
        line.close(&Mark::Link(None));
        line.push(" three");
        assert_eq!(line.take(), "[two](https://a.example/) three");
    }

    #[test]
    fn marks_beyond_the_most_are_left_out() {
        let mut line = Inline::default();
        for _ in 0..1_000 {
            line.open(Mark::Strong);
        }
        line.push("a");
        assert_eq!(line.take().len(), 1 + 4 * MARKS_MAX);
    }
}
