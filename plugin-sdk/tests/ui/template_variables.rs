#[portcullis_plugin::plugin]
mod plugin {
    #[resource("time://zones/{zone}")]
    fn no_parameter() -> String {
        String::new()
    }

    #[resource("time://current")]
    fn no_variable(zone: String) -> String {
        zone
    }

    #[resource("time://{a}{b}")]
    fn adjacent(a: String, b: String) -> String {
        a + &b
    }

    #[resource]
    fn no_uri() -> String {
        String::new()
    }
}

fn main() {}
