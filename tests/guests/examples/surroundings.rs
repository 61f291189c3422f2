//! Tells everything it can find out about where it runs: variables, arguments, settings, files, time and random numbers.

use std::time::Duration;

use portcullis_test_guests::*;
use serde_json::{Map, Value, json};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::random::{insecure, insecure_seed, random};

struct Surroundings;

impl Trick for Surroundings {
    const NAME: &str = "surroundings";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let text = |(name, value): (String, String)| (name, Value::from(value));
        let settings = settings::get_all().unwrap_or_default();
        let unknown = settings::get("nobody-set-this").unwrap_or_default();
        let wall = wall_clock::now();
        let monotonic = [monotonic_clock::now(), monotonic_clock::now()];
        std::thread::sleep(Duration::from_millis(2));
        answer(
            json!({
                "variables": std::env::vars().map(text).collect::<Map<_, _>>(),
                "arguments": std::env::args().collect::<Vec<_>>(),
                "settings": settings.into_iter().map(text).collect::<Map<_, _>>(),
                "unknown": unknown,
                "files": std::fs::read_dir("/").map(Iterator::count).ok(),
                "time": [wall.seconds, u64::from(wall.nanoseconds)],
                "monotonic": monotonic,
                "random": [random::get_random_u64(), insecure::get_insecure_random_u64()],
                "bytes": random::get_random_bytes(16),
                "insecure-bytes": insecure::get_insecure_random_bytes(16),
                "seed": format!("{:?}", insecure_seed::insecure_seed()),
            })
            .to_string(),
        )
    }
}

export!(Surroundings: tools);
