#[portcullis_plugin::plugin]
mod plugin {
    #[prompt]
    fn letter(tone: String) -> String {
        tone
    }

    #[complete(prompt = "later", argument = "tone")]
    fn unknown_prompt(value: &str) -> Vec<String> {
        vec![value.to_owned()]
    }

    #[complete(prompt = "letter", argument = "to")]
    fn unknown_argument(value: &str) -> Vec<String> {
        vec![value.to_owned()]
    }

    #[complete(prompt = "letter", argument = "tone")]
    fn no_value() -> Vec<String> {
        Vec::new()
    }
}

fn main() {}
