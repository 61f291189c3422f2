//! The contract as wasmtime sees it, generated from `wit/`. What comes through these types is a claim.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "plugin",
    imports: {
        // These two may wait for the client to read.
        "portcullis:plugin/progress.report": async | trappable,
        "portcullis:plugin/log.write": async | trappable,
        // These wait for the disk.
        "portcullis:plugin/key-value.get": async | trappable,
        "portcullis:plugin/key-value.set": async | trappable,
        "portcullis:plugin/key-value.delete": async | trappable,
        "portcullis:plugin/key-value.exists": async | trappable,
        "portcullis:plugin/key-value.list-keys": async | trappable,
        "portcullis:plugin/key-value.compare-and-set": async | trappable,
        default: trappable,
    },
    exports: { default: async },
});
