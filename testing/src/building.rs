//! From a folder to a component: each is built by the first test that needs it, and the others wait for that.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use portcullis::manifest::{self, Source};
use portcullis::project::{Project, ProjectError};

use crate::engine::wait_for;

/// What came of building one folder.
type Outcome = Arc<OnceLock<Result<Source, String>>>;

/// Builds the plugin in a folder, once for each run of the tests.
pub(crate) fn built(dir: &Path) -> Result<Source, String> {
    static BUILT: OnceLock<Mutex<HashMap<PathBuf, Outcome>>> = OnceLock::new();
    let all = BUILT.get_or_init(Mutex::default);
    let outcome = {
        // An entry is added whole, so a panic leaves nothing half done.
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(dir.to_owned()).or_default().clone()
    };
    outcome.get_or_init(|| build(dir)).clone()
}

/// Reads a component that is there.
pub(crate) fn read(component: &Path) -> Result<Source, String> {
    manifest::load(component).map_err(|error| error.to_string())
}

fn build(dir: &Path) -> Result<Source, String> {
    let project = Project::find(dir).map_err(|error| error.to_string())?;
    // It goes where the output of this test goes.
    let tell = |line: &str| eprintln!("{line}");
    match wait_for(project.build(&tell)) {
        Ok(built) => read(&built.component),
        Err(error @ ProjectError::Build { .. }) => Err(format!("{error}\n{}", said(&error))),
        Err(error) => Err(error.to_string()),
    }
}

/// What the build said. The tests that did not run it have not seen it.
fn said(error: &ProjectError) -> &str {
    match error {
        ProjectError::Build { output, .. } => output,
        _ => "",
    }
}
