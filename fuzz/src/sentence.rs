//! Error messages: they end in a terminal, a log, or a model's context.

/// Longer than any message with all the values it quotes, each of which is cut.
const BYTES_MAX: usize = 8 << 10;

/// Panics unless a message is one line of reasonable length that does nothing to a terminal.
pub fn check(message: &str) {
    assert!(message.len() <= BYTES_MAX, "{} bytes", message.len());
    check_line(message);
}

/// The same for an operator's own file, which may have lines of any length.
pub fn check_line(message: &str) {
    assert!(!message.is_empty());
    let obeyed = |c: char| c.is_control();
    let turns_letters_round = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let does_something = |c| obeyed(c) || turns_letters_round(c);
    assert!(!message.chars().any(does_something), "{message:?}");
}
