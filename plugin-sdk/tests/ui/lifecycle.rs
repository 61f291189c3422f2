#[portcullis_plugin::plugin]
mod plugin {
    #[activate]
    fn begin() {}

    #[health]
    fn one() -> Result<(), String> {
        Ok(())
    }

    #[health]
    fn two() -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
