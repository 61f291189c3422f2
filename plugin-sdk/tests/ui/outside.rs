use portcullis_plugin::tool;

/// Greets.
#[tool]
fn greet() {}

fn main() {}
