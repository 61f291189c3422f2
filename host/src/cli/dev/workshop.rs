//! From what was saved to a plugin in service: build, read, load, swap. Whatever fails leaves the build before in service.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::args::Common;
use super::super::setup;
use super::calls::Calls;
use super::differences::Differences;
use super::event::{Event, Stage, Swap, ms};
use super::screen::Screen;
use crate::config::Config;
use crate::contract::{ListKind, Skill};
use crate::host::{Host, Installed, install_one};
use crate::manifest::Manifest;
use crate::names::Digest;
use crate::project::{Built, Project, ProjectError};

/// The place of the plugin in its host.
const PLACE: usize = 0;

/// A component that was built, and when.
pub struct Made {
    built: Built,
    took: Duration,
    at: Instant,
}

/// Everything by which two builds are told apart.
#[derive(PartialEq)]
struct Look {
    digest: Digest,
    manifest: Manifest,
    skills: Vec<Arc<Skill>>,
    config: Config,
}

/// Where a plugin is built and put into service.
pub struct Workshop {
    common: Common,
    project: Project,
    host: Host,
    calls: Arc<Calls>,
    screen: Screen,
    /// What is in service.
    current: Option<Look>,
    name: Option<String>,
    has_told_of_grants: bool,
    /// Why no save will ever help.
    pub hopeless: Option<String>,
}

impl Workshop {
    /// A workshop for a plugin, which has the first place of a host.
    pub fn new(
        common: Common,
        project: Project,
        host: Host,
        calls: Arc<Calls>,
        screen: Screen,
    ) -> Self {
        Self {
            common,
            project,
            host,
            calls,
            screen,
            current: None,
            name: None,
            has_told_of_grants: false,
            hopeless: None,
        }
    }

    /// The plugin's folder.
    pub fn dir(&self) -> &Path {
        &self.project.dir
    }

    /// The plugin's name, as far as it is known.
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| "plugin".to_owned())
    }

    /// Builds; none when that fails, which was told then. Whoever drops it ends the compiler.
    pub async fn build(&mut self) -> Option<Made> {
        let began = Instant::now();
        let is_built = self.project.language.is_some();
        if is_built {
            self.screen.tell(Event::Building);
        }
        let is_wordy = self.common.verbose > 0;
        // The compiler's words are shown when they matter: when it fails, or when somebody asks for them.
        let screen = &self.screen;
        let tell = |line: &str| {
            if is_wordy {
                screen.tell(Event::Compiler {
                    line: uncoloured(line),
                });
            }
        };
        let built = self.project.build(&tell).await;
        match built {
            Ok(built) => {
                let took = began.elapsed();
                if is_built {
                    self.screen.tell(Event::Built {
                        component: built.component.display().to_string(),
                        build_ms: ms(took),
                    });
                }
                Some(Made {
                    built,
                    took,
                    at: Instant::now(),
                })
            }
            Err(error) => {
                if let ProjectError::Toolchain { .. } = &error {
                    self.hopeless = Some(error.to_string());
                }
                let output = match &error {
                    ProjectError::Build { output, .. } => Some(uncoloured(output)),
                    _ => None,
                };
                self.fail(Stage::Build, error.to_string(), output);
                None
            }
        }
    }

    /// Puts a build into service, unless it is there already.
    pub async fn put(&mut self, made: Made) {
        // Read anew each time, so that a grant that was added holds with the next save.
        let config = match setup::config(&self.common) {
            Ok(config) => config,
            Err(problem) => return self.fail(Stage::Configuration, problem.message, None),
        };
        let component = made.built.component.clone();
        let read = tokio::task::block_in_place(|| install_one(&config, &component));
        let installed = match read {
            Ok(installed) => installed,
            Err(broken) => return self.fail(Stage::Read, broken.reason, None),
        };
        // What was built here a moment ago is the author's; a component from elsewhere is whoever's.
        let installed = match self.project.language {
            Some(_) => self.approved(installed),
            None => installed,
        };
        let look = Look {
            digest: installed.identity.digest,
            manifest: installed.manifest.clone(),
            skills: installed.skills.clone(),
            config,
        };
        if self.current.as_ref() == Some(&look) {
            self.screen.tell(Event::Unchanged {
                digest: look.digest,
            });
            return;
        }
        let keys = installed.keys.clone();
        let replaced = match self.host.replace(PLACE, installed).await {
            Ok(replaced) => replaced,
            Err(reason) => return self.fail(Stage::Load, reason, None),
        };
        self.calls.know(&keys);
        let before = replaced.before.unwrap_or_default();
        self.name = Some(look.manifest.name.to_string());
        self.screen.tell(Event::Swapped(Box::new(Swap {
            plugin: look.manifest.name.to_string(),
            version: look.manifest.version.to_string(),
            digest: look.digest,
            component_bytes: std::fs::metadata(&component).map_or(0, |found| found.len()),
            first: self.current.is_none(),
            build_ms: ms(made.took),
            load_ms: ms(replaced.loading),
            start_ms: ms(replaced.starting),
            swap_us: u64::try_from(replaced.swapping.as_micros()).unwrap_or(u64::MAX),
            since_built_ms: ms(made.at.elapsed()),
            differences: Differences::between(&before, &replaced.after),
            told: replaced.changed.iter().map(|kind| word(*kind)).collect(),
        })));
        self.current = Some(look);
    }

    /// The plugin with its grants for this very build, which is said once.
    fn approved(&mut self, installed: Installed) -> Installed {
        let has_grants = installed.is_granted_anything();
        if has_grants && !self.has_told_of_grants {
            self.has_told_of_grants = true;
            self.screen.tell(Event::Granted {
                plugin: installed.identity.name.to_string(),
            });
        }
        installed.approved_by_its_author()
    }

    fn fail(&self, stage: Stage, reason: String, output: Option<String>) {
        self.screen.tell(Event::Failed {
            stage,
            reason: super::super::render::harmless(&reason),
            output,
            kept: self.current.is_some(),
        });
    }
}

/// The compiler's words without their colours, and without what a terminal would obey besides: they quote sources, which
/// may be a stranger's.
fn uncoloured(words: &str) -> String {
    let words = anstream::adapter::strip_str(words).to_string();
    super::super::render::harmless(&words)
}

fn word(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Tools => "tools",
        ListKind::Resources => "resources",
        ListKind::Prompts => "prompts",
    }
}
