//! The integration tests, in one binary. Three doors: rules are tested in their files, most behaviour by calls in this
//! process against real components (`calls`, `hostile`, `lists`, …), and a few whole conversations with the real binary
//! and real clients (`conversation`, `command_line`, and `clients/`).

mod apps;
mod bad_input;
mod cache;
mod calls;
mod command_line;
mod conversation;
mod docs;
mod doors;
mod filesystem;
mod following;
mod fuzz_corpora;
mod hostile;
mod http;
mod key_value;
mod limits;
mod lists;
mod network;
mod permissions;
mod rounds;
mod secrets;
mod shipped_powers;
mod skills;
mod stdio;
mod support;
mod system;
mod tasks;
mod telemetry;
mod verbatim;
