//! From WebAssembly to machine code, in a process of its own.
//!
//! A component that makes the compiler use all memory or all time is nobody's bug, so the compiler works where neither
//! matters: in a child with its own limits, which gets the component on its standard input and writes the code into the file that is its output.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::engine;
use super::log::printable;
use crate::limits::{
    COMPILE_MEMORY_BYTES_MAX, COMPILE_MS_MAX, COMPILED_BYTES_MAX, COMPONENT_BYTES_MAX,
};

/// How much the child may say about what went wrong.
const COMPLAINT_BYTES_MAX: usize = 4 << 10;

/// Why a component was not compiled.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CompileError {
    /// The compiler refuses it.
    #[error(
        "it is not a valid component: {0} (hint: build it with `--target wasm32-wasip2` and a recent toolchain)"
    )]
    Refused(String),
    /// It took too long.
    #[error("compiling it took more than {} s (hint: build it smaller, without debug information)", COMPILE_MS_MAX / 1000)]
    TooSlow,
    /// The child could not do its work.
    #[error("the compiler ended without an answer: {0}")]
    Died(String),
}

/// Who compiles.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// A child process: this program, which calls [`compile_from_stdin`] when it gets this argument.
    Child {
        /// The program.
        program: PathBuf,
        /// The argument that makes it compile.
        argument: &'static str,
    },
    /// This process. For tests and tools that trust what they compile.
    InProcess,
}

impl Compiler {
    /// Compiles a component and writes its code into a file, so that it is never a part of this process's own memory.
    pub(super) async fn compile(
        &self,
        engine: &wasmtime::Engine,
        component: &[u8],
        code: &File,
    ) -> Result<(), CompileError> {
        let died = |error: std::io::Error| CompileError::Died(error.to_string());
        let mut code = code.try_clone().map_err(died)?;
        let Self::Child { program, argument } = self else {
            let (engine, component) = (engine.clone(), component.to_vec());
            let compile = move || {
                let compiled = precompile(&engine, &component)?;
                code.write_all(&compiled).map_err(died)
            };
            let ended = tokio::task::spawn_blocking(compile).await;
            return ended.map_err(|error| CompileError::Died(error.to_string()))?;
        };
        let mut command = tokio::process::Command::new(program);
        command
            .arg(argument)
            .stdin(Stdio::piped())
            .stdout(code)
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let limit = Duration::from_millis(COMPILE_MS_MAX);
        tokio::time::timeout(limit, run(command, component))
            .await
            .map_err(|_| CompileError::TooSlow)?
    }
}

/// Feeds the child and waits for its end.
async fn run(mut command: tokio::process::Command, component: &[u8]) -> Result<(), CompileError> {
    let died = |error: std::io::Error| CompileError::Died(error.to_string());
    let mut child = command.spawn().map_err(died)?;
    let (Some(mut stdin), Some(stderr)) = (child.stdin.take(), child.stderr.take()) else {
        return Err(CompileError::Died("it has no pipes".to_owned()));
    };
    let feed = async move {
        // A child that refuses early closes its end; its complaint tells more than the broken pipe.
        let _ = stdin.write_all(component).await;
        let _ = stdin.shutdown().await;
    };
    let mut complaint = Vec::new();
    let mut stderr = stderr.take(COMPLAINT_BYTES_MAX as u64);
    let ((), heard) = tokio::join!(feed, stderr.read_to_end(&mut complaint));
    heard.map_err(died)?;
    let status = child.wait().await.map_err(died)?;
    let complaint = printable(String::from_utf8_lossy(&complaint).trim());
    match status.code() {
        Some(0) => Ok(()),
        Some(REFUSED) => Err(CompileError::Refused(complaint)),
        _ => Err(CompileError::Died(format!("{status} {complaint}"))),
    }
}

/// The child's exit code for a component that is not valid.
const REFUSED: i32 = 65;

/// The whole life of the child process: reads a component, writes its code.
///
/// Its memory and its time are limited by the operating system first.
pub fn compile_from_stdin() -> ExitCode {
    use std::io::Read;

    limit_this_process();
    let mut component = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(COMPONENT_BYTES_MAX + 1)
        .read_to_end(&mut component);
    if let Err(error) = read {
        eprintln!("cannot read the component: {error}");
        return ExitCode::FAILURE;
    }
    let compiled = wasmtime::Engine::new(&engine::config())
        .map_err(|error| CompileError::Died(format!("{error:#}")))
        .and_then(|engine| precompile(&engine, &component));
    match compiled {
        Ok(code) if std::io::stdout().lock().write_all(&code).is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(CompileError::Refused(complaint)) => {
            eprintln!("{complaint}");
            ExitCode::from(REFUSED as u8)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn precompile(engine: &wasmtime::Engine, component: &[u8]) -> Result<Vec<u8>, CompileError> {
    if wasmtime::Engine::detect_precompiled(component).is_some() {
        return Err(CompileError::Refused(
            "it is compiled code, which is never taken from outside".to_owned(),
        ));
    }
    engine
        .precompile_component(component)
        .map_err(|error| CompileError::Refused(printable(&format!("{error:#}"))))
}

/// Bounds the address space and the processor time of this process. Where the system has no such bounds, the parent's
/// clock is the only one.
fn limit_this_process() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let bound = |resource, value| {
        let limit = Rlimit {
            current: Some(value),
            maximum: Some(value),
        };
        if let Err(error) = setrlimit(resource, limit) {
            eprintln!("cannot limit the compiler: {error}");
        }
    };
    bound(Resource::As, COMPILE_MEMORY_BYTES_MAX);
    // All cores' time counts together, so this is a few times the wall-clock bound.
    bound(Resource::Cpu, 4 * COMPILE_MS_MAX / 1000);
    bound(Resource::Fsize, COMPILED_BYTES_MAX);
    bound(Resource::Core, 0);
}
