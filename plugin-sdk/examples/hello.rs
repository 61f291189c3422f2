#[portcullis_plugin::plugin]
mod hello {
    /// Greets somebody by name.
    #[tool]
    fn greet(
        /// Whom to greet.
        name: String,
    ) -> String {
        format!("Hello, {name}!")
    }
}
