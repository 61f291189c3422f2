#[portcullis_plugin::plugin]
mod plugin {
    use portcullis_plugin::prelude::*;

    /// One.
    #[tool(task = "always")]
    fn one() {}

    /// Two.
    #[tool(task = "optional")]
    fn two() {}

    /// Three.
    #[tool]
    fn three() {}

    #[task(tool = "three")]
    fn go_on_with_three() {}

    #[task(tool = "four")]
    fn go_on_with_four() {}

    #[task]
    fn go_on() {}

    /// Five.
    #[tool(task = "required")]
    fn five() {}

    #[task(tool = "five")]
    fn go_on_with_five(_seconds: u8) {}

    /// Six.
    #[tool(task = "required")]
    fn six() {}

    #[task(tool = "six")]
    fn go_on_with_six(_context: &Context) {}

    #[task(tool = "six")]
    fn go_on_with_six_again(_context: &Context) {}

    /// Seven.
    #[tool(requires = "sampling")]
    fn seven() {}

    /// Eight.
    #[tool(input_schema = "true")]
    fn eight() {}

    /// Nine.
    #[tool(input_schema = "{}")]
    fn nine(_a: String, _b: String) {}
}

fn main() {}
