//! What an author is told about a mistake, and where.

#[test]
fn a_mistake_is_shown_on_the_authors_line_with_what_to_do() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
