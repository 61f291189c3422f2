//! Lists 250 tools on pages of 40 and refuses a cursor it did not make.

use portcullis_test_guests::*;

const N_TOOLS: usize = 250;
const PAGE: usize = 40;

struct Pages;

impl tools::Guest for Pages {
    fn list(cursor: Option<String>) -> Result<ToolPage, Error> {
        let first = match cursor {
            None => 0,
            Some(cursor) => match cursor.parse::<usize>() {
                Ok(first) if first < N_TOOLS => first,
                _ => return Err(Error::InvalidParams("unknown cursor".into())),
            },
        };
        let end = (first + PAGE).min(N_TOOLS);
        Ok(ToolPage {
            tools: (first..end)
                .map(|idx| tool(format!("tool_{idx:03}")))
                .collect(),
            next_cursor: (end < N_TOOLS).then(|| end.to_string()),
            cache: None,
        })
    }

    fn call(request: CallRequest, _context: Context) -> Outcome {
        answer(request.name)
    }
}

export!(Pages: tools);
