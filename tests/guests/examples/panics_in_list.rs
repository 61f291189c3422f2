//! Panics when it is asked for its tools.

use portcullis_test_guests::*;

struct PanicsInList;

impl tools::Guest for PanicsInList {
    fn list(_cursor: Option<String>) -> Result<ToolPage, Error> {
        panic!("this guest panics in its list")
    }

    fn call(_request: CallRequest, _context: Context) -> Outcome {
        answer("pong")
    }
}

export!(PanicsInList: tools);
