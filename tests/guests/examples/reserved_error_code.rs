//! Fails with an error code that JSON-RPC keeps for itself, and, to compare, with one that is free.

use portcullis_test_guests::*;

struct ReservedErrorCode;

impl Trick for ReservedErrorCode {
    const NAME: &str = "reserved_error_code";

    fn tools() -> Vec<Tool> {
        vec![tool(Self::NAME), tool("free_error_code")]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let code = if request.name == Self::NAME {
            -32603
        } else {
            42
        };
        let message = format!("failed with {code}");
        Err(Error::Custom(CustomError {
            code,
            message,
            data: None,
        }))
    }
}

export!(ReservedErrorCode: tools);
