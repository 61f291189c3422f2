//! Prints to its standard output and error, which are the log and not the MCP stream.

use std::io::{Write, stdout};

use portcullis_test_guests::*;

struct Prints;

impl Trick for Prints {
    const NAME: &str = "prints";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        println!("a line for stdout");
        eprintln!("a line for stderr");
        print!("a line without an end");
        // Nobody flushes it otherwise: a component does not end as a process does.
        match stdout().flush() {
            Ok(()) => answer("printed"),
            Err(err) => answer(err.to_string()),
        }
    }
}

export!(Prints: tools);
