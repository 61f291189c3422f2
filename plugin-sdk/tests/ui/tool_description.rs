#[portcullis_plugin::plugin]
mod plugin {
    #[tool]
    fn silent(
        /// The parameter has a description, the tool has none.
        text: String,
    ) -> String {
        text
    }
}

fn main() {}
