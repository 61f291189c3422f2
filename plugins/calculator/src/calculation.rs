//! What the calculator says.

use portcullis_plugin::schema::{self, Schema};
use portcullis_plugin::schemars::JsonSchema;
use portcullis_plugin::serde::Serialize;
use portcullis_plugin::{Answer, Error, IntoAnswer, Outcome};

use crate::arithmetic::{Quotient, ROUNDED_DIGITS};
use crate::number::Number;

/// A result, for programs. A model reads the number alone.
#[derive(Serialize, JsonSchema)]
#[serde(crate = "portcullis_plugin::serde")]
#[schemars(crate = "portcullis_plugin::schemars")]
pub struct Calculation {
    /// The number in plain decimal notation, such as `-0.3`. A string, so that no program rounds it on the way.
    pub result: String,
    /// False when the number is rounded.
    pub exact: bool,
}

impl From<Number> for Calculation {
    fn from(number: Number) -> Self {
        Self {
            result: number.to_string(),
            exact: true,
        }
    }
}

impl From<Quotient> for Calculation {
    fn from(quotient: Quotient) -> Self {
        Self {
            result: quotient.number.to_string(),
            exact: quotient.exact,
        }
    }
}

/// Says the same twice: in words to a model, as JSON to a program. A type marked `#[data]` would say it as JSON to both.
impl IntoAnswer for Calculation {
    fn output_schema() -> Option<Schema> {
        Some(schema::of::<Self>())
    }

    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        let words = match self.exact {
            true => self.result.clone(),
            false => format!(
                "{} (rounded to {ROUNDED_DIGITS} significant digits)",
                self.result
            ),
        };
        Ok(Answer::text(words).structured(&self).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_reads_the_number_and_a_program_all_of_it() {
        let five = Calculation {
            result: "5".to_owned(),
            exact: true,
        };
        let expected = Answer::text("5").structured(&five);
        assert_eq!(five.into_answer(), Ok(Outcome::Complete(expected)));
    }

    #[test]
    fn a_rounded_number_says_so() {
        let third = Calculation {
            result: "0.33".to_owned(),
            exact: false,
        };
        let expected = Answer::text("0.33 (rounded to 34 significant digits)").structured(&third);
        assert_eq!(third.into_answer(), Ok(Outcome::Complete(expected)));
    }
}
