#[portcullis_plugin::plugin]
mod plugin {
    /// Waits.
    #[tool]
    async fn asynchronous() {}

    /// Takes anything.
    #[tool]
    fn generic<T>(_value: T) {}

    /// Takes a value apart.
    #[tool]
    fn pattern((_x, _y): (u8, u8)) {}

    /// Borrows.
    #[tool]
    fn borrows(
        /// Some text.
        _text: &str,
    ) {
    }

    /// Hides its type.
    #[tool]
    fn hidden() -> impl Sized {}

    struct Counter;

    impl Counter {
        /// Counts.
        #[tool]
        fn count(&self) {}
    }
}

fn main() {}
