//! `portcullis explain PC0101`: what a kind of problem means.

use serde_json::{Value, json};

use crate::cli::exit::{Exit, Problem};
use crate::cli::render;
use crate::manifest::nearest;
use crate::validate::{self, Code, Severity};

/// What all codes begin with, and the word for all of them.
const PREFIX: &str = "PC";

/// Whether a word is meant as a code. No plugin's name has capitals; one may be `pc64`, so small letters are a code only with as many
/// digits as codes have.
pub fn is_one(word: &str) -> bool {
    const N_DIGITS: usize = 4;
    let Some((prefix, digits)) = word.split_at_checked(PREFIX.len()) else {
        return false;
    };
    match digits.is_empty() {
        true => prefix == PREFIX,
        false => {
            let is_name = prefix != PREFIX && digits.len() != N_DIGITS;
            prefix.eq_ignore_ascii_case(PREFIX)
                && digits.bytes().all(|b| b.is_ascii_digit())
                && !is_name
        }
    }
}

/// Prints what the code means, or all codes.
pub fn run(id: &str, as_json: bool) -> Result<Exit, Problem> {
    let known: Vec<&Code> = match id {
        PREFIX => validate::all().collect(),
        id => vec![validate::code(id).ok_or_else(|| unknown(id))?],
    };
    match (as_json, &known[..]) {
        (true, [only]) if id != PREFIX => render::print_json(&facts(only))?,
        (true, all) => {
            let all: Vec<_> = all.iter().map(|code| facts(code)).collect();
            render::print_json(&Value::from(all))?;
        }
        (false, [only]) if id != PREFIX => render::print(&page(only))?,
        (false, all) => {
            let rows = all
                .iter()
                .map(|code| format!("{}  {:<7}  {}\n", code.id, word(code.severity), code.title));
            render::print(&rows.collect::<String>())?;
        }
    }
    Ok(Exit::Success)
}

fn unknown(id: &str) -> Problem {
    let shown = id.to_ascii_uppercase();
    let meant = nearest(&shown, validate::all().map(|code| code.id));
    let meant = meant.map(|meant| format!("did you mean `{meant}`? "));
    Problem::usage(format!(
        "there is no problem `{shown}` (hint: {}`portcullis explain {PREFIX}` shows all of them)",
        meant.unwrap_or_default()
    ))
}

fn facts(code: &Code) -> Value {
    json!({
        "code": code.id,
        "name": code.name,
        "severity": code.severity,
        "title": code.title,
        "explanation": code.explanation,
    })
}

fn page(code: &Code) -> String {
    format!(
        "{} {} ({})\n{}\n\n{}\n",
        code.id,
        code.name,
        word(code.severity),
        code.title,
        wrapped(code.explanation)
    )
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Text in lines that a terminal shows whole.
fn wrapped(text: &str) -> String {
    /// Fits any terminal.
    const WIDTH: usize = 80;
    let mut lines = String::new();
    let mut n_chars = 0;
    for word in text.split(' ') {
        let n_more = word.chars().count();
        if n_chars > 0 && n_chars + 1 + n_more > WIDTH {
            lines.push('\n');
            n_chars = 0;
        } else if n_chars > 0 {
            lines.push(' ');
            n_chars += 1;
        }
        lines.push_str(word);
        n_chars += n_more;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_from_a_plugin() {
        let check = |word: &str, expected: bool| assert_eq!(is_one(word), expected, "{word}");
        check("PC0101", true);
        check("pc0101", true);
        check("PC9", true);
        check("PC", true);
        check("pc", false);
        check("pc64", false);
        check("pc01011", false);
        check("pcap", false);
        check("fetch", false);
        check("ü1", false);
        check("", false);
    }

    #[test]
    fn a_page_is_no_wider_than_a_terminal() {
        for code in validate::all() {
            let page = page(code);
            for line in wrapped(code.explanation).lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
            assert!(page.starts_with(code.id));
        }
    }
}
