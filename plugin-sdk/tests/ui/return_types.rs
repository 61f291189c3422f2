#[portcullis_plugin::plugin]
mod plugin {
    pub struct Plain;

    /// Gives a type that cannot be written.
    #[tool]
    fn gives() -> Plain {
        Plain
    }

    #[resource("a://b")]
    fn reads() -> u8 {
        1
    }

    #[prompt]
    fn says() -> u8 {
        1
    }
}

fn main() {}
