//! {{description}}.

#[portcullis_plugin::plugin]
mod {{module}} {
%% tool
    /// Greets somebody by name.
    #[tool(title = "Greet", read_only, idempotent, open_world = false)]
    fn greet(
        /// Whom to greet.
        name: String,
    ) -> String {
        format!("Hello, {name}!")
    }
%%
%% prompt
    use portcullis_plugin::prelude::*;

%%
%% full
    use portcullis_plugin::prelude::*;
    use portcullis_plugin::{log, progress, settings};

%%
%% resource prompt full
    /// The languages by their codes, each with its greeting.
    const GREETINGS: [(&str, &str); 4] = [
        ("de", "Hallo"),
        ("en", "Hello"),
        ("es", "Hola"),
        ("fr", "Bonjour"),
    ];
%%
%% full

    /// Greets somebody by name, in the language that the operator chose.
    #[tool(title = "Greet", read_only, idempotent, open_world = false)]
    fn greet(
        /// Whom to greet.
        name: String,
    ) -> String {
        let language = settings::get("language").unwrap_or_default();
        let greeting = greeting(&language).unwrap_or("Hello");
        format!("{greeting}, {name}!")
    }
%%
%% tool full

    /// What was counted.
    #[data]
    struct Counts {
        /// How many words there are.
        words: usize,
        /// How many characters there are, spaces included.
        characters: usize,
    }

    /// Counts the words and the characters of a text.
    #[tool(title = "Count words", read_only, idempotent, open_world = false)]
    fn count_words(
        /// The text to count in. It must have a word.
        text: String,
    ) -> Result<Counts, String> {
%%
%% full
        progress::report(1, 2.0, "splitting the text");
%%
%% tool full
        let words = text.split_whitespace().count();
        if words == 0 {
            return Err("there is no word in the text: send at least one".to_owned());
        }
%%
%% full
        progress::report(2, 2.0, "counting characters");
        log::info(format!("counted {words} words"));
%%
%% tool full
        let characters = text.chars().count();
        Ok(Counts { words, characters })
    }
%%
%% resource full

    /// The languages there is a greeting in, one on each line.
    #[resource(
        "{{name}}://languages",
        title = "Languages with a greeting",
        mime_type = "text/plain"
    )]
    fn languages() -> String {
        GREETINGS.map(|(language, _)| language).join("\n")
    }

    /// The greeting in one language, by its code, such as `fr`.
    #[resource(
        "{{name}}://greetings/{language}",
        title = "A greeting",
        mime_type = "text/plain"
    )]
    fn greeting_in(language: String) -> Option<&'static str> {
        greeting(&language)
    }
%%
%% prompt full

    /// Asks for a welcome to somebody who is new.
    #[prompt(title = "Write a welcome")]
    fn welcome(
        /// Who is new.
        name: String,
        /// The language to begin in, by its code, such as `fr`; English when left out.
        language: Option<String>,
    ) -> Result<String, Error> {
        let language = language.as_deref().unwrap_or("en");
        let Some(greeting) = greeting(language) else {
            let reason = format!("there is no language `{language}`: try `en`");
            return Err(Error::invalid_params(reason));
        };
        Ok(format!(
            "Write a short and friendly welcome to {name}. Begin with \"{greeting}\"."
        ))
    }

    #[complete(prompt = "welcome", argument = "language")]
    fn complete_language(value: &str) -> Vec<&'static str> {
        let languages = GREETINGS.iter().map(|(language, _)| *language);
        languages.filter(|it| it.starts_with(value)).collect()
    }
%%
%% resource prompt full

    fn greeting(language: &str) -> Option<&'static str> {
        let mut greetings = GREETINGS.iter();
        let found = greetings.find(|(code, _)| *code == language);
        found.map(|(_, greeting)| *greeting)
    }
%%

    #[cfg(test)]
    mod tests {
        use super::*;
%% tool full

        #[test]
        fn a_greeting_names_the_person() {
            assert_eq!(greet("Ada".to_owned()), "Hello, Ada!");
        }

        #[test]
        fn words_and_characters_are_counted() {
            let counts = count_words("two words".to_owned()).unwrap();
            assert_eq!((counts.words, counts.characters), (2, 9));
            assert!(count_words(" ".to_owned()).is_err());
        }
%%
%% resource full

        #[test]
        fn every_language_has_a_greeting() {
            for language in languages().lines() {
                assert!(greeting_in(language.to_owned()).is_some());
            }
            assert!(greeting_in("xx".to_owned()).is_none());
        }
%%
%% prompt full

        #[test]
        fn a_welcome_begins_in_its_language() {
            let asked = welcome("Ada".to_owned(), Some("fr".to_owned())).unwrap();
            assert!(asked.contains("Ada") && asked.contains("Bonjour"));
            assert_eq!(complete_language("e"), ["en", "es"]);
        }
%%
    }
}
