//! Says in the description of its tool at which second it was asked for its list.

use portcullis_test_guests::*;
use wasip2::clocks::wall_clock;

struct Dated;

impl Trick for Dated {
    const NAME: &str = "dated";

    fn tools() -> Vec<Tool> {
        vec![Tool {
            description: Some(format!("Listed at {}.", wall_clock::now().seconds)),
            ..tool(Self::NAME)
        }]
    }

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("no date")
    }
}

export!(Dated: tools);
