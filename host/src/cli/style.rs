//! Colours: on a terminal alone or with `CLICOLOR_FORCE`, and never when `NO_COLOR` is set. `anstream`'s `print!` and
//! `eprint!` take them out elsewhere.
//!
//! Words of a guest are made harmless before they are painted, since afterwards nobody can tell its codes from ours.

use std::fmt::Display;

use anstyle::{AnsiColor, Color, Style};

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// What is wrong.
pub const ERROR: Style = colour(AnsiColor::Red).bold();
/// What somebody will be sorry for.
pub const WARNING: Style = colour(AnsiColor::Yellow).bold();
/// What is good.
pub const GOOD: Style = colour(AnsiColor::Green).bold();
/// What is worth knowing, and what is new.
pub const NOTE: Style = colour(AnsiColor::Cyan);
/// What matters in a line.
pub const STRONG: Style = Style::new().bold();
/// What is there for completeness.
pub const FAINT: Style = Style::new().dimmed();

/// Words in a style. They must be padded before, since nobody sees the codes and every counter counts them.
pub fn paint(style: Style, words: impl Display) -> String {
    format!("{style}{words}{style:#}")
}

/// Whether standard error takes colours.
pub fn is_colourful() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}
