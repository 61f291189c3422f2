//! The plugin `words`, which also exists in Python and in JavaScript. All three say the same, byte for byte.
//!
//! It has one of each thing a plugin can offer: a tool with structured content, a tool that asks, a resource, and a prompt
//! with completion. It reads a setting, reports progress and writes to the log.

/// The tools, the resource and the prompt.
#[portcullis_plugin::plugin]
pub mod words {
    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::json;
    use portcullis_plugin::{log, progress, schema, serde_json, settings};

    /// The tones a text can be rewritten in.
    const TONES: [&str; 3] = ["formal", "friendly", "terse"];

    /// What was counted.
    #[data]
    struct Counts {
        /// The words that count.
        words: usize,
        /// How many of them differ, whatever their case.
        distinct: usize,
        /// The longest of them, the first when several are as long; none when there is no word.
        longest: Option<String>,
    }

    /// Counts the words of a text, except those that the operator said to ignore.
    #[tool(title = "Count words", read_only, idempotent, open_world = false)]
    fn count_words(
        /// The text.
        text: String,
        /// The fewest characters that make a word count.
        #[default(1)]
        #[schemars(range(min = 1, max = 100))]
        at_least: u32,
    ) -> Result<Counts, String> {
        progress::report(1, 2.0, "splitting");
        if text.is_empty() {
            return Err("there is no text: give at least one word".to_owned());
        }
        let ignored = ignored();
        let at_least = at_least as usize;
        let counts = |word: &&str| {
            word.chars().count() >= at_least && !ignored.contains(&word.to_lowercase())
        };
        // The white space of ASCII: each language has its own idea of all the rest.
        let words: Vec<&str> = text.split_ascii_whitespace().filter(counts).collect();

        progress::report(2, 2.0, "counting");
        let mut distinct: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut longest: Option<&str> = None;
        for word in &words {
            if longest.is_none_or(|it| word.chars().count() > it.chars().count()) {
                longest = Some(word);
            }
        }
        let fields = json!({ "words": words.len() });
        log::write(log::Level::Info, "counted", Some(&fields));
        Ok(Counts {
            words: words.len(),
            distinct: distinct.len(),
            longest: longest.map(str::to_owned),
        })
    }

    /// Replaces a word everywhere in a text. Asks the person for the new word, and again before more than one is replaced.
    #[tool(title = "Replace a word", read_only, open_world = false)]
    fn replace_word(
        /// The text.
        text: String,
        /// The word to replace.
        word: String,
        context: &Context,
    ) -> Result<Outcome<String>, Error> {
        #[data]
        struct Replacement {
            /// The new word.
            replacement: String,
        }
        #[data]
        struct Consent {
            /// Whether to replace all of them.
            all: bool,
        }
        let found = text.split(' ').filter(|it| *it == word).count();
        if found == 0 {
            return Err(Error::other(format!("there is no `{word}` in the text")));
        }
        // The second round's response is in, so the state holds what the first one brought.
        if let Some(consent) = context.response("consent") {
            if !consent
                .accepted::<Consent>()
                .is_ok_and(|consent| consent.all)
            {
                return Err(Error::other("nothing was replaced"));
            }
            let replacement = String::from_utf8_lossy(context.state().unwrap_or_default());
            return Ok(Outcome::Complete(replace(&text, &word, &replacement)));
        }
        let Some(response) = context.response("replacement") else {
            let message = format!("What shall stand in place of `{word}`?");
            let questions =
                Questions::new().form("replacement", message, schema::of::<Replacement>());
            return Ok(Outcome::Ask(questions));
        };
        let Ok(Replacement { replacement }) = response.accepted() else {
            return Err(Error::other("nothing was replaced"));
        };
        if found == 1 {
            return Ok(Outcome::Complete(replace(&text, &word, &replacement)));
        }
        let message = format!("Replace all {found}?");
        let questions = Questions::new()
            .form("consent", message, schema::of::<Consent>())
            .state(replacement);
        Ok(Outcome::Ask(questions))
    }

    /// The words that are not counted, one on each line.
    #[resource(
        "words://ignored",
        name = "ignored",
        title = "Ignored words",
        mime_type = "text/plain"
    )]
    fn ignored_words() -> String {
        ignored().join("\n")
    }

    /// Asks for a text in another tone.
    #[prompt(title = "Rewrite a text")]
    fn rewrite(
        /// The text.
        text: String,
        /// How it shall sound; friendly when left out.
        tone: Option<String>,
    ) -> Result<String, Error> {
        let tone = tone.as_deref().unwrap_or("friendly");
        if !TONES.contains(&tone) {
            return Err(Error::invalid_params(format!("there is no tone `{tone}`")));
        }
        Ok(format!(
            "Rewrite this text so that it sounds {tone}:\n\n{text}"
        ))
    }

    #[complete(prompt = "rewrite", argument = "tone")]
    fn complete_tone(value: &str) -> Vec<&'static str> {
        let fitting = TONES.into_iter().filter(|tone| tone.starts_with(value));
        fitting.collect()
    }

    /// The setting `ignored`, which the manifest gives a default.
    fn ignored() -> Vec<String> {
        let setting = settings::get("ignored").unwrap_or_default();
        serde_json::from_str(&setting).unwrap_or_default()
    }

    fn replace(text: &str, word: &str, replacement: &str) -> String {
        let words = text.split(' ');
        let replaced = words.map(|it| if it == word { replacement } else { it });
        replaced.collect::<Vec<_>>().join(" ")
    }
}
