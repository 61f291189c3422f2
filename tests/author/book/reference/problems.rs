//! `problem-codes.md`, from the kinds of problems that `validate` knows.

use portcullis::validate::{self, Severity};

use super::{check, prose};

#[test]
fn the_reference_of_the_problem_codes_is_what_validate_knows() {
    let mut text = String::from(
        "What `portcullis validate` finds. A code is never used for anything else; `portcullis explain <code>` says the same.\n\n",
    );
    for code in validate::all() {
        let severity = match code.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        text.push_str(&format!(
            "## {} `{}`\n\n{}: {}\n\n{}\n\n",
            code.id,
            code.name,
            severity,
            prose(code.title),
            code.explanation.trim()
        ));
    }
    check("problem-codes.md", "Problem codes", &text);
}
