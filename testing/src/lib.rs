#![doc = include_str!("../README.md")]

mod answer;
mod building;
mod engine;
mod exchange;
mod plugin;
mod running;

pub use answer::Answer;
pub use exchange::Exchange;
pub use plugin::Plugin;
/// The parts of the host that show in these tests, for whoever wants to look closer than the assertions do.
pub use portcullis;
pub use running::Running;

/// The plugin of the crate this stands in, built by the first test that starts it.
///
/// ```no_run
/// let plugin = portcullis_testing::plugin!().start();
/// assert!(!plugin.tools().is_empty());
/// ```
#[macro_export]
macro_rules! plugin {
    () => {
        $crate::Plugin::of_crate(env!("CARGO_MANIFEST_DIR"))
    };
}
