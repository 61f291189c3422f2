//! "Did you mean …?"

/// The known word a mistyped one was probably meant to be.
pub(crate) fn nearest<'k>(
    typed: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    // Nothing longer than any key is near one.
    let typed: String = typed.chars().take(80).collect();
    let typed = typed.to_lowercase().replace('_', "-");
    // One slip in three letters still shows what was meant; more is guessing.
    let slips_max = (typed.chars().count() / 3).clamp(1, 3);
    let slips = |word: &str| strsim::osa_distance(&typed, &word.to_lowercase().replace('_', "-"));
    let nearest = known.into_iter().min_by_key(|word| slips(word))?;
    (slips(nearest) <= slips_max).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_leads_to_the_word_that_was_meant_and_a_stranger_to_none() {
        let known = ["name", "description", "call_ms", "uris"];
        let check = |typed: &str, expected: Option<&str>| {
            assert_eq!(nearest(typed, known), expected, "{typed}")
        };
        check("descripton", Some("description"));
        check("Name", Some("name"));
        check("nmae", Some("name"));
        check("call-ms", Some("call_ms"));
        check("uri", Some("uris"));
        check("colour", None);
        check("", None);
        check(&"x".repeat(1_000), None);
    }
}
