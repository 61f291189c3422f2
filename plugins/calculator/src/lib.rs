//! Exact arithmetic for language models: the smallest plugin worth having.
//!
//! The functions in [`calculator`] are what a client sees. What they do is in ordinary modules below, which know nothing
//! of plugins and are tested as any Rust code is.

mod arithmetic;
mod calculation;
mod number;

/// The tools.
#[portcullis_plugin::plugin]
pub mod calculator {
    use crate::arithmetic::{self, ArithmeticError};
    use crate::calculation::Calculation;
    use crate::number::Number;

    /// Adds two numbers exactly: 0.1 + 0.2 is 0.3. Use it for every sum instead of working it out.
    #[tool(title = "Add", read_only, idempotent, open_world = false)]
    fn add(
        /// The first number. Send one of more than 15 digits as a string.
        a: Number,
        /// The number to add to it.
        b: Number,
    ) -> Result<Calculation, ArithmeticError> {
        Ok(arithmetic::add(&a, &b)?.into())
    }

    /// Subtracts `b` from `a` exactly. Use it for every difference instead of working it out.
    #[tool(title = "Subtract", read_only, idempotent, open_world = false)]
    fn subtract(
        /// The number to subtract from. Send one of more than 15 digits as a string.
        a: Number,
        /// The number to subtract.
        b: Number,
    ) -> Result<Calculation, ArithmeticError> {
        Ok(arithmetic::subtract(&a, &b)?.into())
    }

    /// Multiplies two numbers exactly, however many digits the product has, up to 1000. Use it for every product instead
    /// of working it out.
    #[tool(title = "Multiply", read_only, idempotent, open_world = false)]
    fn multiply(
        /// The first factor. Send one of more than 15 digits as a string.
        a: Number,
        /// The second factor.
        b: Number,
    ) -> Result<Calculation, ArithmeticError> {
        Ok(arithmetic::multiply(&a, &b)?.into())
    }

    /// Divides `a` by `b`. Exact when the quotient ends within 1000 decimals; otherwise rounded to 34 significant digits,
    /// and the answer says so. Use it for every quotient instead of working it out.
    #[tool(title = "Divide", read_only, idempotent, open_world = false)]
    fn divide(
        /// The dividend. Send one of more than 15 digits as a string.
        a: Number,
        /// The divisor. Dividing by zero is answered with a sentence.
        b: Number,
    ) -> Result<Calculation, ArithmeticError> {
        Ok(arithmetic::divide(&a, &b)?.into())
    }
}
