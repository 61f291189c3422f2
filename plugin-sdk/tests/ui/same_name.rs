#[portcullis_plugin::plugin]
mod plugin {
    /// One.
    #[tool]
    fn one() {}

    /// Two.
    #[tool(name = "one")]
    fn two() {}
}

fn main() {}
