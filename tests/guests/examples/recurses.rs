//! Recurses without end, until its stack is gone.

use std::hint::black_box;

use portcullis_test_guests::*;

struct Recurses;

impl Trick for Recurses {
    const NAME: &str = "recurses";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer(deeper(0).to_string())
    }
}

export!(Recurses: tools);

/// Uses the result of the deeper call, so that the compiler can make no loop of it.
#[expect(unconditional_recursion, reason = "this is the trick")]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 8]);
    black_box(deeper(black_box(depth + 1))) + frame[7]
}
