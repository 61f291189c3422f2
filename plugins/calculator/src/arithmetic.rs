//! The four operations. Three are exact; a quotient that does not end is rounded, and says so.

use std::fmt;

use num_bigint::{BigInt, Sign};

use crate::number::{DIGITS_MAX, Number, NumberError, n_digits, power_of_ten};

/// Significant digits of a rounded quotient: those of IEEE 754's largest decimal format, which is what other programs
/// that compute with decimals keep.
pub const ROUNDED_DIGITS: u32 = 34;

/// Why an operation has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum ArithmeticError {
    /// Nothing can be divided by zero.
    DivisionByZero,
    /// The result is not a number this plugin can hold.
    Result(NumberError),
}

impl From<NumberError> for ArithmeticError {
    fn from(error: NumberError) -> Self {
        Self::Result(error)
    }
}

impl fmt::Display for ArithmeticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DivisionByZero => f.write_str("division by zero has no result (hint: check `b`)"),
            Self::Result(error) => write!(f, "the result cannot be given: {error}"),
        }
    }
}

impl std::error::Error for ArithmeticError {}

/// A number and whether it is the whole truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Quotient {
    /// The quotient, perhaps rounded.
    pub number: Number,
    /// Whether nothing was rounded.
    pub exact: bool,
}

/// The sum of two numbers.
pub fn add(a: &Number, b: &Number) -> Result<Number, ArithmeticError> {
    let (a, b, decimals) = aligned(a, b);
    Ok(Number::new(a + b, decimals)?)
}

/// The first number less the second.
pub fn subtract(a: &Number, b: &Number) -> Result<Number, ArithmeticError> {
    let (a, b, decimals) = aligned(a, b);
    Ok(Number::new(a - b, decimals)?)
}

/// The product of two numbers.
pub fn multiply(a: &Number, b: &Number) -> Result<Number, ArithmeticError> {
    Ok(Number::new(
        a.coefficient() * b.coefficient(),
        a.decimals() + b.decimals(),
    )?)
}

/// The first number divided by the second: exact when the quotient ends within [`DIGITS_MAX`] decimals, otherwise rounded
/// to [`ROUNDED_DIGITS`] significant digits.
pub fn divide(a: &Number, b: &Number) -> Result<Quotient, ArithmeticError> {
    let (a, b, _) = aligned(a, b);
    if b.sign() == Sign::NoSign {
        return Err(ArithmeticError::DivisionByZero);
    }
    let dividend = a * power_of_ten(DIGITS_MAX);
    let quotient = &dividend / &b;
    let exact = &quotient * &b == dividend;
    let quotient = match exact {
        true => quotient,
        false => rounded(quotient)?,
    };
    Ok(Quotient {
        number: Number::new(quotient, DIGITS_MAX)?,
        exact,
    })
}

/// Rounds what was cut off behind its last digit, so that a half which seems exact is more than a half.
fn rounded(quotient: BigInt) -> Result<BigInt, NumberError> {
    let n_digits = u32::try_from(n_digits(&quotient)).map_err(|_| NumberError::TooLong)?;
    // With no digit to spare, those to keep reach beyond the last decimal there can be.
    let n_spare = n_digits
        .checked_sub(ROUNDED_DIGITS)
        .filter(|n_spare| *n_spare > 0)
        .ok_or(NumberError::TooLong)?;
    let unit = power_of_ten(n_spare);
    let half = if quotient.sign() == Sign::Minus {
        -5
    } else {
        5
    } * power_of_ten(n_spare - 1);
    Ok((quotient + half) / &unit * unit)
}

/// The coefficients of two numbers, written with the same number of decimals.
fn aligned(a: &Number, b: &Number) -> (BigInt, BigInt, u32) {
    let decimals = a.decimals().max(b.decimals());
    let widened =
        |number: &Number| number.coefficient() * power_of_ten(decimals - number.decimals());
    (widened(a), widened(b), decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn sums_differences_and_products_are_exact() {
        type Operation = fn(&Number, &Number) -> Result<Number, ArithmeticError>;
        for (operation, a, b, expected) in [
            (add as Operation, "2", "3", "5"),
            (add, "0.1", "0.2", "0.3"),
            (
                add,
                "1e30",
                "1e-30",
                "1000000000000000000000000000000.000000000000000000000000000001",
            ),
            (add, "-5", "5", "0"),
            (add, "0.5", "0.5", "1"),
            (subtract, "0.3", "0.1", "0.2"),
            (
                subtract,
                "1",
                "1.000000000000000000000000001",
                "-0.000000000000000000000000001",
            ),
            (multiply, "1.1", "1.1", "1.21"),
            (
                multiply,
                "99999999999999999999",
                "99999999999999999999",
                "9999999999999999999800000000000000000001",
            ),
            (multiply, "-0.5", "0", "0"),
            (multiply, "-0.5", "200", "-100"),
        ] {
            assert_eq!(
                operation(&number(a), &number(b)).unwrap().to_string(),
                expected,
                "{a}, {b}"
            );
        }
    }

    #[test]
    fn a_quotient_is_exact_when_it_ends_and_rounded_when_it_does_not() {
        let check = |a: &str, b: &str, expected: &str, exact: bool| {
            let quotient = divide(&number(a), &number(b)).unwrap();
            assert_eq!(
                (quotient.number.to_string().as_str(), quotient.exact),
                (expected, exact),
                "{a} / {b}"
            );
        };
        check("6", "3", "2", true);
        check("1", "8", "0.125", true);
        check("-1", "0.5", "-2", true);
        check("0", "7", "0", true);
        check("1e500", "1e-400", &format!("1{}", "0".repeat(900)), true);
        check("1e50", "1e20", "1000000000000000000000000000000", true);
        check(
            "1",
            &format!("1{}", "0".repeat(900)),
            &format!("0.{}1", "0".repeat(899)),
            true,
        );
        check("1", "3", &format!("0.{}", "3".repeat(34)), false);
        check("2", "3", &format!("0.{}7", "6".repeat(33)), false);
        check("-2", "3", &format!("-0.{}7", "6".repeat(33)), false);
        check("2", "-3", &format!("-0.{}7", "6".repeat(33)), false);
        check(
            "1e-900",
            "3",
            &format!("0.{}{}", "0".repeat(900), "3".repeat(34)),
            false,
        );
        check("1e40", "3", &format!("{}000000", "3".repeat(34)), false);
        // All nines round up to one more digit.
        check("2999999999999999999999999999999999999", "3e36", "1", false);
    }

    #[test]
    fn what_is_cut_off_still_counts_when_rounding() {
        // The quotient is 34 digits, then a 5, then zeros for longer than anything is computed, and then more.
        let divisor: BigInt = power_of_ten(960) + 1;
        for sign in [1, -1] {
            let dividend = (power_of_ten(34) + 5) * &divisor + 1;
            let quotient = divide(
                &Number::new(dividend * sign, 54).unwrap(),
                &Number::new(divisor.clone(), 0).unwrap(),
            );
            let expected = Number::new((power_of_ten(33) + 1) * sign, 53).unwrap();
            assert_eq!(
                quotient,
                Ok(Quotient {
                    number: expected,
                    exact: false
                })
            );
        }
    }

    #[test]
    fn a_quotient_that_ends_too_late_is_rounded() {
        let divisor = Number::new(BigInt::from(2).pow(1_500), 0).unwrap();
        let tiny = divide(&number("1"), &divisor).unwrap();
        assert_eq!(
            (n_digits(tiny.number.coefficient()), tiny.exact),
            (34, false)
        );
    }

    #[test]
    fn division_by_zero_and_results_that_are_too_long_have_no_result() {
        assert_eq!(
            divide(&number("1"), &number("0.0")),
            Err(ArithmeticError::DivisionByZero)
        );
        assert_eq!(
            divide(&number("0"), &number("0")),
            Err(ArithmeticError::DivisionByZero)
        );
        let too_long = Err(ArithmeticError::Result(NumberError::TooLong));
        assert_eq!(multiply(&number("1e999"), &number("10")), too_long);
        assert_eq!(multiply(&number("1e-999"), &number("0.1")), too_long);
        assert_eq!(add(&number("1e999"), &number("1e-999")), too_long);
        for (a, b) in [
            ("1e999", "1e-999"),
            ("1e-999", "3"),
            ("1e-999", "7e999"),
            ("1e-966", "3"),
        ] {
            assert_eq!(
                divide(&number(a), &number(b)).map(|quotient| quotient.number),
                too_long,
                "{a} / {b}"
            );
        }
        assert!(divide(&number("1e-965"), &number("3")).is_ok());
    }
}
