//! A good component that is no plugin: it exports nothing of the contract.

#![cfg(target_family = "wasm")]

wit_bindgen::generate!({
    inline: "
        package stranger:unrelated;
        world unrelated { export answer: func() -> u32; }
    ",
});

struct NoExports;

impl Guest for NoExports {
    fn answer() -> u32 {
        42
    }
}

export!(NoExports);
