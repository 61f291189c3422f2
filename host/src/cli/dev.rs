//! `portcullis dev`: a plugin served while it is written.
//!
//! Each save builds it anew and swaps it, and what it is called for is shown. A client stays connected through all of it.

mod calls;
mod differences;
mod event;
mod keys;
mod screen;
mod service;
mod words;
mod workshop;

use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;

use super::args::Common;
use super::exit::{Exit, Problem};
use super::{build, serve, setup};
use crate::host::{Broken, Host, install_one};
use crate::project::{Counts, Project, Watch, Way};

use calls::Calls;
use event::Event;
use keys::{Key, Keyboard};
use screen::{Look, Screen};
use service::Service;
use workshop::Workshop;

/// How long a client waits for the first build. Most allow a server ten seconds to start; one that is let in before is told
/// of the lists when they are there.
const FIRST_BUILD_WAIT: Duration = Duration::from_secs(5);

/// How many builds in a row are given up for a save. A build that writes into the sources itself would otherwise never end.
const GIVEN_UP_MAX: u32 = 2;

/// `portcullis dev`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis dev                          the plugin in the current folder, at http://127.0.0.1:8087/mcp
  portcullis dev plugins/weather --stdio  another one, for a client that starts this program
  portcullis dev weather.wasm             a component that another program builds
  portcullis dev --json                   one JSON object per line for each thing that happens

Ctrl-C ends it with exit code 0; so does `q` and the return key. `r` and the return key build at once.")]
pub struct Dev {
    /// The plugin's folder, or a component
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Serve over HTTP at this address [default: `http.listen` of the configuration, then 127.0.0.1:8087]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "")]
    pub http: Option<String>,
    /// Serve the client on standard input and output, and show what happens on standard error
    #[arg(long, conflicts_with = "http")]
    pub stdio: bool,
    /// Serve nobody: only build, load and swap
    #[arg(long, conflicts_with_all = ["http", "stdio"])]
    pub no_serve: bool,
    /// Print one JSON object per line for each thing that happens
    #[arg(long)]
    pub json: bool,
    /// Look at the files twice a second, where the system does not tell of changes, such as on a network drive
    #[arg(long)]
    pub poll: bool,
}

/// Serves a plugin until somebody ends the program, or the client on standard input goes away.
pub async fn run(common: &Common, args: &Dev) -> Result<Exit, Problem> {
    let project = Project::find(&args.path).map_err(build::broken)?;
    let config = setup::config(common)?;
    let counts = match project.language {
        Some(_) => Counts::Sources,
        None => Counts::Component,
    };
    let way = if args.poll { Way::Look } else { Way::Told };
    let watch = Watch::start(&project.dir, counts, way).map_err(build::broken)?;
    // Before anything is built, since an address that is not to be had is told at once.
    let service = Service::open(&config, args).await?;
    let screen = Screen::start(match (args.json, args.stdio) {
        (true, false) => Look::Json,
        (true, true) => Look::JsonAside,
        (false, false) => Look::Words,
        (false, true) => Look::WordsAside,
    });
    let calls = Arc::new(Calls::new(screen.clone()));
    let premises = setup::premises(&config)?.with_witness(calls.clone());
    let mut plugins = vec![Err(Broken {
        name: None,
        origin: project.dir.display().to_string(),
        reason: "it was not built yet".to_owned(),
    })];
    for path in &common.plugins {
        let plugin = install_one(&config, path);
        if let Ok(plugin) = &plugin {
            calls.know(&plugin.keys);
        }
        plugins.push(plugin);
    }
    let host = Host::start(premises, plugins);
    let workshop = Workshop::new(common.clone(), project, host.clone(), calls, screen.clone());
    let day = Day {
        workshop,
        watch,
        service,
        host,
        screen: screen.clone(),
        keyboard: Keyboard::listen(!args.stdio),
        stop: serve::stop_on_signal(),
        patience: Box::pin(tokio::time::sleep(FIRST_BUILD_WAIT)),
        n_given_up: 0,
    };
    let ended = day.go_on().await;
    screen.close().await;
    ended
}

/// What goes on until somebody ends it.
struct Day {
    workshop: Workshop,
    watch: Watch,
    service: Service,
    host: Host,
    screen: Screen,
    keyboard: Keyboard,
    /// Fires when somebody ends the program.
    stop: CancellationToken,
    /// How long clients wait: one time for all that comes before the first build is in service, however often it begins anew.
    patience: Pin<Box<Sleep>>,
    /// Builds that were given up since the last one that ended.
    n_given_up: u32,
}

/// What happens while a plugin is built, put into service, or nothing is done.
enum Next {
    /// Files changed, or somebody wants it built.
    Build,
    /// The build is done.
    Built(Option<workshop::Made>),
    /// It is in service, or was told why it is not.
    Put,
    /// It is enough.
    End,
}

impl Day {
    async fn go_on(mut self) -> Result<Exit, Problem> {
        self.screen
            .tell(Event::watching(self.workshop.dir(), self.watch.is_told()));
        let mut is_first = true;
        'day: loop {
            let built = match self.build().await {
                Next::Built(built) => built,
                Next::Build | Next::Put => continue,
                Next::End => break,
            };
            if let Some(reason) = self.workshop.hopeless.take_if(|_| is_first) {
                self.service.end(&self.host, &self.stop).await?;
                return Err(Problem::broken(reason));
            }
            is_first = false;
            if let Some(made) = built
                && matches!(self.put(made).await, Next::End)
            {
                break;
            }
            let name = self.workshop.name();
            self.service
                .begin(&self.host, &self.screen, &self.stop, &name);
            loop {
                match self.wait().await {
                    Next::Build => break,
                    Next::Built(_) | Next::Put => {}
                    Next::End => break 'day,
                }
            }
        }
        self.service.end(&self.host, &self.stop).await?;
        Ok(Exit::Success)
    }

    /// Builds. A save begins it anew, since nobody wants what is built of the files before; but not for ever.
    async fn build(&mut self) -> Next {
        let name = self.workshop.name();
        let mut build = pin!(self.workshop.build());
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                () = self.service.ended() => return Next::End,
                key = self.keyboard.next() => return match key {
                    Key::Quit => Next::End,
                    Key::Build => Next::Build,
                },
                files = self.watch.changed(), if self.n_given_up < GIVEN_UP_MAX => match files {
                    Ok(files) => {
                        self.n_given_up += 1;
                        self.screen.tell(Event::changed(&files, true));
                        return Next::Build;
                    }
                    Err(error) => self.screen.tell(Event::unwatched(&error)),
                },
                () = &mut self.patience, if !self.service.is_begun() => {
                    self.service.begin(&self.host, &self.screen, &self.stop, &name);
                }
                built = &mut build => {
                    self.n_given_up = 0;
                    return Next::Built(built);
                }
            }
        }
    }

    /// Puts a build into service. A save meanwhile is seen afterwards: what was built comes first.
    async fn put(&mut self, made: workshop::Made) -> Next {
        let name = self.workshop.name();
        let mut put = pin!(self.workshop.put(made));
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                () = self.service.ended() => return Next::End,
                () = &mut self.patience, if !self.service.is_begun() => {
                    self.service.begin(&self.host, &self.screen, &self.stop, &name);
                }
                () = &mut put => return Next::Put,
            }
        }
    }

    /// Waits for something to do.
    async fn wait(&mut self) -> Next {
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                () = self.service.ended() => return Next::End,
                key = self.keyboard.next() => return match key {
                    Key::Quit => Next::End,
                    Key::Build => Next::Build,
                },
                files = self.watch.changed() => match files {
                    Ok(files) => {
                        self.screen.tell(Event::changed(&files, false));
                        return Next::Build;
                    }
                    Err(error) => self.screen.tell(Event::unwatched(&error)),
                },
            }
        }
    }
}
