#[portcullis_plugin::plugin]
mod plugin {
    #[prompt]
    fn count(
        /// How many.
        number: u32,
    ) -> String {
        number.to_string()
    }
}

fn main() {}
