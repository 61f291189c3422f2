//! The command line: one file per subcommand, one place for exit codes.

mod args;
mod bench;
mod build;
mod call;
mod completions;
mod dev;
mod doctor;
mod exit;
mod explain;
mod follow;
mod inspect;
mod learn;
mod list;
mod lock;
mod logging;
mod man;
mod new;
mod output;
mod pack;
mod progress;
mod render;
mod serve;
mod setup;
pub mod shipped;
mod style;
mod test;
mod token;
mod validate;
mod welcome;
mod wit;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use exit::{Exit, Problem};
use logging::ShownElsewhere;

/// The program. `main` calls it and nothing else.
pub fn main() -> ExitCode {
    // The child that compiles is this program again. It reads a component and must not read anything else.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == setup::COMPILE_ARGUMENT)
    {
        return crate::runtime::compile_from_stdin();
    }
    let args = Args::parse();
    let elsewhere = match args.command {
        Some(Command::Dev(_)) => ShownElsewhere::Calls,
        Some(Command::Test(_)) => ShownElsewhere::Refusals,
        _ => ShownElsewhere::Nothing,
    };
    logging::start(args.common.verbose, elsewhere);
    match run(args) {
        Ok(exit) => exit.into(),
        Err(problem) => {
            let error = style::paint(style::ERROR, "error:");
            anstream::eprintln!("{error} {}", render::harmless(&problem.message));
            problem.exit.into()
        }
    }
}

fn run(args: Args) -> Result<Exit, Problem> {
    let command = match args.command {
        Some(command) => command,
        None if std::io::stdin().is_terminal() => return welcome::explain(),
        None => Command::Serve(args::Serve::default()),
    };
    // A worker looks at timers and input after every task it polls, not after 61 as by default: guests that compute put
    // themselves back into the queue every tenth of a millisecond, and would make everybody else wait 61 times that.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .event_interval(1)
        .global_queue_interval(1)
        .build()
        .map_err(|error| Problem::failure(format!("cannot start: {error}")))?;
    let exit = runtime.block_on(async {
        let work = async {
            match command {
                Command::Serve(serve) => serve::run(&args.common, &serve).await,
                Command::List(list) => list::run(&args.common, &list).await,
                Command::Call(call) if call.learn => learn::run(&args.common, &call).await,
                Command::Call(call) => call::run(&args.common, call).await,
                Command::Explain(explain) => explain::run(&args.common, &explain),
                Command::Doctor(doctor) => doctor::run(&args.common, &doctor),
                Command::Token(token) => token::run(&token),
                Command::Inspect(inspect) => inspect::run(&args.common, &inspect).await,
                Command::New(new) => new::run(&args.common, &new).await,
                Command::Build(build) => build::run(&args.common, &build).await,
                Command::Dev(dev) => dev::run(&args.common, &dev).await,
                Command::Test(test) => test::run(&args.common, &test).await,
                Command::Validate(validate) => validate::run(&args.common, &validate).await,
                Command::Pack(pack) => pack::run(&args.common, &pack).await,
                Command::Bench(bench) => bench::run(&args.common, &bench).await,
                Command::Lock(lock) => lock::run(&args.common, &lock).await,
                Command::Wit(wit) => wit::run(&args.common, &wit).await,
                Command::Completions(completions) => {
                    completions::run(&args.common, &completions).await
                }
                Command::Man(man) => man::run(&args.common, &man).await,
            }
        };
        work.await
    });
    // A read of standard input that waits for a line cannot be interrupted, so its thread is not waited for.
    runtime.shutdown_background();
    progress::end();
    exit
}

/// The command line as clap reads it: what completions, man pages and the reference of the book are made from.
pub fn command() -> clap::Command {
    Args::command()
}

/// Every exit code with what it says, as `--help` shows them.
pub fn exit_codes() -> Vec<(u8, String)> {
    exit::codes()
}
