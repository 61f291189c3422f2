#[portcullis_plugin::plugin]
mod plugin {
    /// One.
    #[tool(readonly)]
    fn one() {}

    /// Two.
    #[tool(title = 2)]
    fn two() {}

    /// Three.
    #[tool(name = "drei!")]
    fn three() {}

    /// Four.
    #[tool("four")]
    fn four() {}

    /// Five.
    #[tool(meta = "[]")]
    fn five() {}

    /// Six.
    #[tool]
    #[prompt]
    fn six() {}
}

fn main() {}
