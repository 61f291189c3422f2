//! Never ends its list of tools, so that the host learns of none.

use std::hint::black_box;

use portcullis_test_guests::*;

struct SpinsInList;

impl tools::Guest for SpinsInList {
    fn list(_cursor: Option<String>) -> Result<ToolPage, Error> {
        loop {
            black_box(());
        }
    }

    fn call(_request: CallRequest, _context: Context) -> Outcome {
        answer("pong")
    }
}

export!(SpinsInList: tools);
