//! Lists its tools on pages without end: there is always a next one.

use portcullis_test_guests::*;

struct EndlessPages;

impl tools::Guest for EndlessPages {
    fn list(cursor: Option<String>) -> Result<ToolPage, Error> {
        let page: u64 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        Ok(ToolPage {
            tools: vec![tool(format!("tool_{page}"))],
            next_cursor: Some((page + 1).to_string()),
            cache: None,
        })
    }

    fn call(request: CallRequest, _context: Context) -> Outcome {
        answer(request.name)
    }
}

export!(EndlessPages: tools);
