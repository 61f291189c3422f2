//! Colours: on a terminal alone, and never when `NO_COLOR` is set. `anstream`'s `print!` and `eprint!` take them out elsewhere.

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
