//! A host for MCP plugins: each plugin is one WebAssembly component that starts with nothing, runs under limits, and is
//! shown to clients, with all the others, as one MCP server.
//!
//! The rooms, and what each may know of the others, are told in ARCHITECTURE.md and kept by a test.

pub mod auth;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod contract;
pub mod host;
pub mod limits;
pub mod manifest;
pub mod names;
pub mod network;
pub mod permissions;
pub mod project;
pub mod protocol;
pub mod runtime;
pub mod secrets;
pub mod storage;
pub mod telemetry;
pub mod trial;
pub mod validate;
