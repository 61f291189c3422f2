//! Lists 100,000 tools on one page.

use portcullis_test_guests::*;

struct HugeList;

impl Trick for HugeList {
    const NAME: &str = "huge_list";

    fn tools() -> Vec<Tool> {
        (0..100_000)
            .map(|idx| tool(format!("tool_{idx}")))
            .collect()
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        answer(request.name)
    }
}

export!(HugeList: tools);
