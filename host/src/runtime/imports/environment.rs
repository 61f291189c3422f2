//! `wasi:cli/environment`: the variables a plugin was given, and no argument. Each is noted when it is handed out.

use wasmtime::component::Linker;
use wasmtime_wasi::cli::WasiCliView;
use wasmtime_wasi::p2::bindings::cli::environment::{self, Host};

use crate::permissions::{Attempt, SystemPower};
use crate::runtime::guest::{Guest, HasGuest};

/// Offers the interface around wasmtime's own.
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    environment::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    linker.allow_shadowing(false);
    Ok(())
}

impl Host for Guest {
    /// There is no asking for one variable: whoever looks for any is given all there are, and misses all there are not.
    fn get_environment(&mut self) -> wasmtime::Result<Vec<(String, String)>> {
        // Nobody else wants to know, and each refusal is put into words before it is one.
        if self.call.trail.is_some() {
            let powers = self.warden.keys().request().system.iter();
            for power in powers.filter(|power| matches!(power, SystemPower::Env(_))) {
                let is_permitted = self.warden.keys().system(power).is_ok();
                let attempt = || Attempt::System(power.clone());
                self.warden.saw(attempt, is_permitted);
            }
        }
        self.cli().get_environment()
    }

    fn get_arguments(&mut self) -> wasmtime::Result<Vec<String>> {
        self.cli().get_arguments()
    }

    fn initial_cwd(&mut self) -> wasmtime::Result<Option<String>> {
        self.cli().initial_cwd()
    }
}
