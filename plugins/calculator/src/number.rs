//! The numbers of this plugin: decimals of any size up to a bound, exact from the request to the answer.
//!
//! The bound holds for a number as it is written out, so `1e999999999` is refused before anything is allocated for its
//! zeros. Deliberately absent: infinity and "not a number".

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use portcullis_plugin::schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use portcullis_plugin::serde::de::{Deserialize, Deserializer, Error, Visitor};
use portcullis_plugin::serde_json::Value;

/// Digits of a number written out in full, on both sides of the point together. More than any sum of money or number of
/// atoms has, and few enough that a multiplication takes microseconds.
pub const DIGITS_MAX: u32 = 1_000;

/// Bytes of a number in a request: room for its digits, two signs, a point and an exponent.
const TEXT_BYTES_MAX: usize = DIGITS_MAX as usize + 24;

/// Digits that survive in a JSON number. Those after them may have been rounded on the way here, because most programs
/// keep such a number in 64 bits of floating point.
const JSON_DIGITS_MAX: usize = 15;

/// An exact decimal. Holding one proves that, written out, it has at most [`DIGITS_MAX`] digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    coefficient: BigInt,
    decimals: u32,
}

/// Why something is not a [`Number`].
#[derive(Clone, Debug, PartialEq)]
pub enum NumberError {
    /// It is not written as a decimal number. Holds its beginning.
    Form(String),
    /// It has more than [`DIGITS_MAX`] digits.
    TooLong,
    /// It came as a JSON number that may have lost digits on its way. Holds what arrived.
    Inexact(String),
}

impl Number {
    /// The number `coefficient` / 10^`decimals`, unless it has too many digits.
    pub fn new(mut coefficient: BigInt, mut decimals: u32) -> Result<Self, NumberError> {
        while decimals > 0 && (&coefficient % 10u32).sign() == Sign::NoSign {
            coefficient /= 10u32;
            decimals -= 1;
        }
        // A fraction has at least one digit before its point.
        if n_digits(&coefficient).max(decimals as usize + 1) > DIGITS_MAX as usize {
            return Err(NumberError::TooLong);
        }
        Ok(Self {
            coefficient,
            decimals,
        })
    }

    /// The number without its point.
    pub fn coefficient(&self) -> &BigInt {
        &self.coefficient
    }

    /// How many digits stand behind the point.
    pub fn decimals(&self) -> u32 {
        self.decimals
    }

    /// Takes a float for the decimal it was written as, unless that is in doubt.
    fn from_json_float(float: f64) -> Result<Self, NumberError> {
        // JSON writes the shortest digits that lead back to the same float.
        let text = Value::from(float).to_string();
        if float.abs() < 1e15 {
            let number: Self = text.parse()?;
            if n_digits(&number.coefficient) <= JSON_DIGITS_MAX {
                return Ok(number);
            }
        }
        Err(NumberError::Inexact(text))
    }
}

/// How many digits an integer has.
pub fn n_digits(integer: &BigInt) -> usize {
    integer.magnitude().to_string().len()
}

/// Ten to a power.
pub fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// Reads digits with a sign, a point and an exponent, each of which may be missing.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX {
            return Err(NumberError::TooLong);
        }
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [unsigned(whole), fraction].concat();
        if !is_digits(&digits) || !is_digits(unsigned(exponent)) {
            return Err(NumberError::Form(text.chars().take(40).collect()));
        }
        let coefficient = digits.parse::<BigInt>().unwrap_or_default();
        if coefficient.sign() == Sign::NoSign {
            return Ok(Self {
                coefficient,
                decimals: 0,
            });
        }
        let coefficient = if whole.starts_with('-') {
            -coefficient
        } else {
            coefficient
        };
        // The form is right, so what can be wrong is an exponent beyond 64 bits.
        let exponent = exponent.parse::<i64>().map_err(|_| NumberError::TooLong)?;
        // Looked at before anything is computed from it. Zeros at the end may still take back some decimals.
        let decimals = i32::try_from((fraction.len() as i64).saturating_sub(exponent))
            .ok()
            .filter(|decimals| decimals.unsigned_abs() <= 2 * DIGITS_MAX)
            .ok_or(NumberError::TooLong)?;
        match u32::try_from(decimals) {
            Ok(decimals) => Self::new(coefficient, decimals),
            Err(_) => Self::new(coefficient * power_of_ten(decimals.unsigned_abs()), 0),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Written out in full, without an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.decimals as usize;
        let digits = self.coefficient.magnitude().to_string();
        // A fraction has at least one digit before its point.
        let digits = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let sign = if self.coefficient.sign() == Sign::Minus {
            "-"
        } else {
            ""
        };
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(text) => write!(
                f,
                "`{text}` is not a decimal number (hint: write it like `-1234.5` or `6.02e23`)"
            ),
            Self::TooLong => write!(
                f,
                "a number would have more than {DIGITS_MAX} digits when written out"
            ),
            Self::Inexact(text) => write!(
                f,
                "`{text}` may have lost digits as a JSON number (hint: send a number of more than {JSON_DIGITS_MAX} digits as a string)"
            ),
        }
    }
}

impl std::error::Error for NumberError {}

/// A JSON number, or a string that holds one.
impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a string that holds one")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Number::new(value.into(), 0).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Number::new(value.into(), 0).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Number::from_json_float(value).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Number, E> {
        value.parse().map_err(E::custom)
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "number" },
                { "type": "string", "maxLength": TEXT_BYTES_MAX, "examples": ["12345678901234567890.5"] },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use portcullis_plugin::serde_json;

    use super::*;

    fn check(text: &str, expected: Result<&str, NumberError>) {
        let written = text.parse::<Number>().map(|number| number.to_string());
        assert_eq!(written, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn a_number_is_written_out_without_an_exponent_or_needless_zeros() {
        for (text, written) in [
            ("5", "5"),
            ("+5", "5"),
            ("-0.50", "-0.5"),
            (" 5. ", "5"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("007", "7"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("25e-3", "0.025"),
            ("-0", "0"),
            ("0.000", "0"),
            ("0e999999999", "0"),
            (
                "12345678901234567890.123456789",
                "12345678901234567890.123456789",
            ),
        ] {
            check(text, Ok(written));
        }
    }

    #[test]
    fn what_is_not_a_decimal_number_is_refused() {
        for text in [
            "",
            " ",
            ".",
            "-",
            "e5",
            "1e",
            "1e+",
            "1_000",
            "1,5",
            "1 2",
            "0x10",
            ".-5",
            "--5",
            "1.2.3",
            "1/3",
            "NaN",
            "inf",
            "-Infinity",
            "٣",
        ] {
            check(text, Err(NumberError::Form(text.trim().to_owned())));
        }
    }

    #[test]
    fn a_number_has_up_to_a_thousand_digits() {
        let nines = "9".repeat(1_000);
        check(&nines, Ok(&nines));
        check(&format!("{nines}9"), Err(NumberError::TooLong));
        check("1e999", Ok(&format!("1{}", "0".repeat(999))));
        check("1e-999", Ok(&format!("0.{}1", "0".repeat(998))));
        for text in [
            "1e1000",
            "1e-1000",
            "1e999999999",
            "-1e-999999999",
            "100e9223372036854775807",
        ] {
            check(text, Err(NumberError::TooLong));
        }
        check(&format!("1e{}", "9".repeat(50)), Err(NumberError::TooLong));
        check(&"0".repeat(1_000_000), Err(NumberError::TooLong));
    }

    #[test]
    fn a_json_number_is_taken_only_while_all_its_digits_are_sure() {
        let read = |json: &str| {
            serde_json::from_str::<Number>(json)
                .map(|n| n.to_string())
                .map_err(|e| e.to_string())
        };
        for (json, written) in [
            ("2", "2"),
            ("-2", "-2"),
            ("0.1", "0.1"),
            ("5.0", "5"),
            ("1e-7", "0.0000001"),
            ("123456789012.345", "123456789012.345"),
            ("18446744073709551615", "18446744073709551615"),
            ("\"0.1234567890123456789\"", "0.1234567890123456789"),
        ] {
            assert_eq!(read(json).as_deref(), Ok(written), "{json}");
        }
        for json in [
            "0.1234567890123456",
            "100000000000000000001",
            "1e23",
            "-1e15",
        ] {
            assert!(
                read(json).is_err_and(|error| error.contains("as a string")),
                "{json}"
            );
        }
        for json in ["null", "true", "[1]", "\"one\""] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
