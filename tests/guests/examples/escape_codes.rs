//! Logs, prints and answers with what a terminal obeys: escape sequences, carriage returns and newlines.

use portcullis_test_guests::*;

struct EscapeCodes;

impl Trick for EscapeCodes {
    const NAME: &str = "escape_codes";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let nasty =
            "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31mred\r\n2026-11-21 ERROR forged line\u{202e}";
        log::write(
            log::Level::Info,
            Some(nasty),
            nasty,
            Some(r#"{"field":"\u001b[31m"}"#),
        );
        println!("{nasty}");
        eprintln!("{nasty}");
        answer(nasty)
    }
}

export!(EscapeCodes: tools);
