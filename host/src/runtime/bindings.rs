//! The contract as wasmtime sees it, generated from `wit/`. What comes through these types is a claim.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "plugin",
    imports: {
        // These two may wait for the client to read; the others never wait.
        "portcullis:plugin/progress.report": async | trappable,
        "portcullis:plugin/log.write": async | trappable,
        default: trappable,
    },
    exports: { default: async },
});
