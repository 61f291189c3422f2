//! What all tests of one process share: the engine, its cache, and the runtime the host runs in.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use portcullis::runtime::{Compiler, Engine};
use portcullis::storage::Cache;
use tokio::runtime::{Builder, Runtime};

/// Bytes of stack for what waits for the host. An unoptimised build needs more than the two megabytes of a test's own thread.
const STACK_BYTES: usize = 16 << 20;

/// The engine of all tests of this process.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        // Without a cache a component is compiled in every run, which is slow and not wrong.
        let cache = target_dir().and_then(|dir| Cache::open(&dir.join("portcullis-testing")).ok());
        // What is tested is the author's own code, which may use this process.
        Engine::new(Compiler::InProcess, cache)
            .unwrap_or_else(|error| panic!("this machine cannot run WebAssembly: {error:#}"))
    })
}

/// Waits for something of the host's, from a test of any kind.
pub(crate) fn wait_for<T: Send>(work: impl Future<Output = T> + Send) -> T {
    // A test may have a runtime of its own, in which nobody may wait for another one.
    let wait = || runtime().block_on(work);
    let waited = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let spawned = thread.spawn_scoped(scope, wait);
        let spawned = spawned.unwrap_or_else(|error| panic!("no thread can be started: {error}"));
        spawned.join()
    });
    waited.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        // Timers are looked at after every task, as in the host itself.
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .event_interval(1)
            .thread_stack_size(STACK_BYTES)
            .build();
        runtime.unwrap_or_else(|error| panic!("no runtime can be started: {error}"))
    })
}

/// The target directory of the cargo that runs the tests, which marks it as a cache.
fn target_dir() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let mut above = program.ancestors();
    above
        .find(|dir| dir.join("CACHEDIR.TAG").is_file())
        .map(Path::to_owned)
}
