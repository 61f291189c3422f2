//! The one engine of the process: how guests are compiled, where their memory comes from, and what they may import.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::compile::{CompileError, Compiler};
use super::exports::{Asks, Imports, Interface, Interfaces, UnknownImport};
use super::guest::Guest;
use super::imports;
use super::log::printable;
use super::memory::TotalMemory;
use crate::limits::{LIVE_INSTANCES_MAX, Limits, TOTAL_MEMORY_BYTES};
use crate::names::Digest;
use crate::storage::{Cache, Draft, Entry};

/// Why a component cannot be loaded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadError {
    /// It is not there any more, or not the same.
    #[error("{0}")]
    Unreadable(String),
    /// It could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It needs something that nobody offers it.
    #[error("{first}")]
    Import {
        /// What, and why nobody does.
        first: UnknownImport,
        /// The same of whatever else there is.
        others: Vec<UnknownImport>,
    },
    /// What it offers is of another version of the contract.
    #[error(
        "it exports `{0}`, which is of another version of the contract (hint: build it against `portcullis:plugin@0.1.0`)"
    )]
    OtherVersion(String),
    /// It offers nothing.
    #[error(
        "it exports none of the contract's interfaces, so it is a component of another world (hint: export \
         `portcullis:plugin/tools@0.1.0`, `resources` or `prompts`)"
    )]
    NoExports,
    /// It exports an interface in another shape than the contract's.
    #[error("it does not fit the contract: {0} (hint: build it against the WIT of this version)")]
    Shape(String),
}

/// The engine. Cheap to clone; there is one of it in a process.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    engine: wasmtime::Engine,
    /// Whether instances come from slots that are there already.
    has_pool: bool,
    linker: Linker<Guest>,
    compiler: Compiler,
    cache: Option<Cache>,
    fingerprint: String,
    /// The memory all instances share.
    memory: TotalMemory,
    /// One permit for each instance there is room for.
    instances: Arc<Semaphore>,
    /// One permit for each compilation that may run at one time. Each uses every core it can get, and much memory.
    compilations: Semaphore,
}

/// A component, ready to be instantiated.
pub struct Code {
    pub(super) pre: InstancePre<Guest>,
    pub(super) interfaces: Interfaces,
    pub(super) imports: Imports,
}

impl Code {
    /// The interfaces it exports.
    pub fn exports(&self) -> &[Interface] {
        self.interfaces.listed()
    }

    /// The interfaces it imports, by full name.
    pub fn imports(&self) -> &[String] {
        self.imports.names()
    }
}

impl Engine {
    /// Starts the engine, with the usual memory for all plugins together.
    ///
    /// # Errors
    /// When the machine cannot run WebAssembly as this host wants it.
    pub fn new(compiler: Compiler, cache: Option<Cache>) -> wasmtime::Result<Self> {
        Self::with_memory_bytes(compiler, cache, TOTAL_MEMORY_BYTES)
    }

    /// Starts the engine, with so many bytes of linear memory for all instances of all plugins together.
    ///
    /// # Errors
    /// When the machine cannot run WebAssembly as this host wants it.
    pub fn with_memory_bytes(
        compiler: Compiler,
        cache: Option<Cache>,
        memory_bytes: u64,
    ) -> wasmtime::Result<Self> {
        // The pool reserves address space for every slot; a small machine or a tight `ulimit -v` may not have it.
        let pooled = wasmtime::Engine::new(config().allocation_strategy(pool()));
        let has_pool = pooled.is_ok();
        let engine = pooled.or_else(|_| wasmtime::Engine::new(&config()))?;
        let mut linker = Linker::new(&engine);
        imports::add_to_linker(&mut linker)?;
        let fingerprint = fingerprint(&engine);
        let instances = Arc::new(Semaphore::new(LIVE_INSTANCES_MAX as usize));
        let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
        let compilations = Semaphore::new(n_cores);
        Ok(Self(Arc::new(Inner {
            engine,
            has_pool,
            linker,
            compiler,
            cache,
            fingerprint,
            memory: TotalMemory::new(memory_bytes),
            instances,
            compilations,
        })))
    }

    /// Makes a component ready, from the cache or by compiling it.
    ///
    /// `asks` says which imports a request covers, and `read` gives the bytes whose digest is `digest`; it is called only when they have to be compiled.
    ///
    /// # Errors
    /// When it is not a component, does not compile, or does not fit the contract.
    pub async fn load(
        &self,
        digest: Digest,
        asks: Asks,
        read: impl FnOnce() -> Result<Cow<'static, [u8]>, String>,
    ) -> Result<Code, LoadError> {
        let entry = Entry::Code {
            component: digest,
            engine: &self.0.fingerprint,
        };
        let component = match self.cached(entry) {
            Some(component) => component,
            None => {
                let component = read().map_err(LoadError::Unreadable)?;
                self.compile(entry, &component).await?
            }
        };
        self.check(&component, asks)
    }

    /// Whether instances come from a pool. A machine without the address space for one makes each anew.
    pub fn has_pool(&self) -> bool {
        self.0.has_pool
    }

    /// The cache, when there is one.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    pub(super) fn memory(&self) -> &TotalMemory {
        &self.0.memory
    }

    pub(super) fn instances(&self) -> &Arc<Semaphore> {
        &self.0.instances
    }

    fn cached(&self, entry: Entry<'_>) -> Option<Component> {
        let file = self.0.cache.as_ref()?.file(entry)?;
        // SAFETY: the file was written by this host for this very engine: its tag was verified with a key that only the
        // owner of the cache can read, and the path leads to the file that was verified.
        let component = unsafe { Component::deserialize_file(&self.0.engine, file.path()) };
        component
            .inspect_err(
                |error| tracing::warn!(%error, "cached code does not load and is made anew"),
            )
            .ok()
    }

    async fn compile(&self, entry: Entry<'_>, component: &[u8]) -> Result<Component, LoadError> {
        let draft = self
            .draft()
            .map_err(|error| CompileError::Died(format!("no room for the code: {error}")))?;
        // Nobody closes the semaphore, so waiting for a permit cannot fail.
        let turn = self.0.compilations.acquire().await;
        let compiler = &self.0.compiler;
        compiler
            .compile(&self.0.engine, component, draft.file())
            .await?;
        drop(turn);
        // SAFETY: the compiler wrote this file a moment ago, and only its owner can have changed it since.
        let component = unsafe { Component::deserialize_file(&self.0.engine, draft.path()) }
            .map_err(|error| CompileError::Refused(printable(&format!("{error:#}"))))?;
        if let Some(cache) = &self.0.cache
            && let Err(error) = cache.keep(entry, draft)
        {
            tracing::warn!(%error, dir = %cache.dir().display(), "compiled code is not kept");
        }
        Ok(component)
    }

    /// A file for code: where it can be kept, or else where it cannot.
    fn draft(&self) -> io::Result<Draft> {
        let kept = self.0.cache.as_ref().and_then(|cache| cache.draft().ok());
        kept.map_or_else(Draft::temporary, Ok)
    }

    fn check(&self, component: &Component, asks: Asks) -> Result<Code, LoadError> {
        let imports = Imports::of(component);
        imports.refuse_unknown(asks)?;
        let pre = self
            .0
            .linker
            .instantiate_pre(component)
            .map_err(|error| LoadError::Shape(printable(&format!("{error:#}"))))?;
        let interfaces = Interfaces::of(&pre)?;
        Ok(Code {
            pre,
            interfaces,
            imports,
        })
    }
}

/// The features and the metering every guest is compiled with.
///
/// What is off is off because no guest of WASI 0.2 needs it and each has had advisories of its own.
pub(super) fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .cranelift_opt_level(wasmtime::OptLevel::Speed)
        .concurrency_support(false)
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .async_stack_zeroing(true)
        .memory_init_cow(true);
    config
}

/// Slots for instances, so that a fresh one costs microseconds.
fn pool() -> InstanceAllocationStrategy {
    /// Memory that stays with a slot, to be zeroed rather than given back: most guests use less than this.
    const KEPT_BYTES: usize = 2 << 20;
    /// Table and stack bytes that stay with a slot.
    const KEPT_SMALL_BYTES: usize = 64 << 10;
    /// What the engine keeps for itself about one instance; interpreters need more than a megabyte.
    const INSTANCE_BYTES_MAX: usize = 4 << 20;

    let ceiling = Limits::ceiling();
    let size = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
    let n = LIVE_INSTANCES_MAX;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(n)
        .total_core_instances(8 * n)
        .total_memories(2 * n)
        .total_tables(4 * n)
        .total_stacks(n)
        .max_memory_size(size(ceiling.memory_bytes))
        .table_elements(size(ceiling.table_elements))
        .max_core_instance_size(INSTANCE_BYTES_MAX)
        .max_component_instance_size(INSTANCE_BYTES_MAX)
        .linear_memory_keep_resident(KEPT_BYTES)
        .table_keep_resident(KEPT_SMALL_BYTES)
        .async_stack_keep_resident(KEPT_SMALL_BYTES)
        .max_unused_warm_slots(n)
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// Names what compiled code depends on beside the component: wasmtime's version, the settings, and this processor.
fn fingerprint(engine: &wasmtime::Engine) -> String {
    use sha2::{Digest as _, Sha256};
    use std::hash::{Hash, Hasher};

    #[derive(Default)]
    struct Collector(Sha256);
    impl Hasher for Collector {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }

    let mut collector = Collector::default();
    engine.precompile_compatibility_hash().hash(&mut collector);
    let digest: [u8; 32] = collector.0.finalize().into();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
