//! Lists tools under names that no client should ever see, and one name twice.

use portcullis_test_guests::*;

struct BadNames;

impl Trick for BadNames {
    const NAME: &str = "twice";

    fn tools() -> Vec<Tool> {
        let long = "n".repeat(500);
        let bad = [
            "",
            long.as_str(),
            "with spaces",
            "with\nnewline",
            "with\0nul",
            "with\u{1b}[31mescape",
            "naïve",
            "p\u{430}ypal",
            "../../etc/passwd",
            "dotted.name",
            "other__tool",
            Self::NAME,
            Self::NAME,
        ];
        bad.map(tool).into()
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        answer(request.name)
    }
}

export!(BadNames: tools);
