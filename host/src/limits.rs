//! Every bound on what a plugin may use: its name, unit, default, ceiling and reason.
//!
//! All limits are on by default. The operator raises or lowers them in `portcullis.toml`; a manifest may wish for less
//! than the default and gets it, and a wish for more is shown and not followed. Nothing goes above the ceiling, which
//! the operator can lower for the whole host.

mod effective;
mod fixed;
mod http;

pub use effective::{LimitError, Limits, LimitsPatch};
pub use fixed::*;
pub use http::HttpLimits;
