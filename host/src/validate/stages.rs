//! The way of a component through the stages of loading: the very code a host loads it with, stopped before a tool runs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::anatomy::Anatomy;
use super::{Findings, Listed, Provenance, Report, Stage, Subject};
use super::{checks, fitting, locked, smoke, starting, unread};
use crate::catalogue::Builder;
use crate::config::{Config, Lock};
use crate::host::{self, Call, Host, Installed, Premises};
use crate::manifest::{self, Source, SourceError};
use crate::runtime::{Plugin, Usage};

/// How a component is validated. The default is a host that grants nothing and sets nothing.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What an operator would say of the plugin: grants, settings, limits. Without it nothing is granted.
    pub config: Config,
    /// What it has to be, where that was written down: a plugin that is not in it is told of as well.
    pub lock: Option<Lock>,
    /// Whether its tools are tried as well.
    pub smoke: bool,
}

/// What came of a component.
#[derive(Debug)]
pub struct Validated {
    /// What was found.
    pub report: Report,
    /// What it showed; none when it could not be loaded.
    pub subject: Option<Subject>,
}

/// Validates a component, or the folder with it. It is compiled, started and asked for its lists twice, on `premises`, with
/// nothing granted but what `settings` grant; no tool runs unless they say so.
pub async fn validate(premises: &Premises, path: &Path, settings: &Settings) -> Validated {
    let mut report = Report::about(path.to_owned());
    report.is_locked = settings.lock.is_some();
    let mut findings = Findings::about(path.to_owned());
    let mut subject = stages(premises, settings, &mut report, &mut findings).await;
    if let Some(shown) = subject.take() {
        let lock = settings.lock.clone();
        let looked = aside(move || {
            checks::run(&shown, &mut findings);
            if let Some(lock) = &lock {
                locked::compare(lock, &shown, &mut findings);
            }
            (shown, findings)
        });
        let (looked_at, told) = looked.await;
        (subject, findings) = (Some(looked_at), told);
    }
    report.findings = findings.into_vec();
    Validated { report, subject }
}

/// Does what may take seconds beside the task that asks for it, which listens for Ctrl-C meanwhile.
async fn aside<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            // A check that panics is a bug, and is met where any other would be.
            Ok(panic) => std::panic::resume_unwind(panic),
            // The program ends, and nobody waits any more.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Stage after stage, as far as it goes. What is known of the component by the end of it is there to be looked at.
async fn stages(
    premises: &Premises,
    settings: &Settings,
    report: &mut Report,
    findings: &mut Findings,
) -> Option<Subject> {
    let source = match read(report.path.clone()).await {
        Ok(source) => source,
        Err(error) => {
            report.reached = stage_of(&error);
            unread::tell(&error, findings);
            return None;
        }
    };
    findings.go_on_about(source.path.clone());
    let (source, anatomy) = aside(move || {
        let anatomy = Anatomy::of(&source.component);
        (source, anatomy)
    })
    .await;
    introduce(&source, &anatomy, report);
    let origin = report.path.display().to_string();
    let installed = match host::install_source(&settings.config, &source, &origin) {
        Ok(installed) => installed,
        Err(broken) => {
            starting::tell_settings(&broken.reason, findings);
            return None;
        }
    };
    let code = match host::load(&installed, premises).await {
        Ok(code) => code,
        Err(error) => {
            fitting::tell(&error, findings);
            return None;
        }
    };
    let mut subject = Subject {
        limits: installed.limits.clone(),
        exports: code.exports().to_vec(),
        imports: code.imports().to_vec(),
        source,
        anatomy,
        listed: None,
    };
    report.reached = Stage::Start;
    let begun = Instant::now();
    let plugin = match host::start(&installed, code, premises).await {
        Ok(plugin) => plugin,
        Err(error) => {
            starting::tell(&error, findings);
            return Some(subject);
        }
    };
    report.reached = Stage::Lists;
    subject.listed = listed(plugin, begun, findings).await;
    let listed = subject.listed.as_ref()?.lists.clone();
    let added = Builder::default().add(
        &installed.identity.name,
        &installed.prefix,
        &listed,
        &installed.manifest.uris,
    );
    match added {
        Err(clash) => starting::tell_clash(&clash.to_string(), findings),
        Ok(()) => {
            report.reached = Stage::Checks;
            if settings.smoke {
                try_out(premises, installed, &subject, findings).await;
            }
        }
    }
    Some(subject)
}

/// Reads the plugin's files, which waits for a disk.
async fn read(path: PathBuf) -> Result<Source, SourceError> {
    let named = path.clone();
    let read = tokio::task::spawn_blocking(move || manifest::load(&path));
    read.await.unwrap_or_else(|_panic| {
        Err(SourceError::Unreadable {
            path: named,
            error: std::io::Error::other("the host panicked"),
            hint: "please report it",
        })
    })
}

/// Which stage ends with this error.
fn stage_of(error: &SourceError) -> Stage {
    match error {
        SourceError::Unreadable { .. }
        | SourceError::NotAFile(_)
        | SourceError::TooLarge { .. }
        | SourceError::NoComponent(_)
        | SourceError::SeveralComponents(_)
        | SourceError::NotAComponent { .. } => Stage::File,
        SourceError::Manifest(_) | SourceError::Skill(_) | SourceError::Name(_) => Stage::Manifest,
    }
}

/// Notes who it is.
fn introduce(source: &Source, anatomy: &Anatomy, report: &mut Report) {
    report.name = Some(source.identity.name.to_string());
    let manifest = &source.manifest;
    report.version = (!manifest.is_minimal()).then(|| manifest.version.to_string());
    report.digest = Some(source.identity.digest);
    report.n_bytes = Some(source.component.len() as u64);
    report.provenance = Some(Provenance::told_by(anatomy));
    report.reached = Stage::Component;
}

/// How much later it is when the lists are asked for again: another day, another weekday, and another hour.
const LATER: Duration = Duration::from_secs(25 * 60 * 60);

/// Asks for the lists twice, in other instances each time and, as the plugin's clock has it, on another day.
async fn listed(plugin: Plugin, begun: Instant, findings: &mut Findings) -> Option<Listed> {
    let mut ask = async |plugin: &Plugin, within: &str| {
        let lists = plugin.lists(&Call::default()).await;
        lists
            .inspect_err(|failure| starting::tell_failure(failure, within, findings))
            .ok()
    };
    let lists = ask(&plugin, "its lists").await?;
    let totals = plugin.totals();
    let usage = Usage {
        fuel: totals.fuel,
        wall_us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        cpu_us: totals.cpu_us,
        memory_bytes: totals.memory_bytes_max,
        bytes_sent: totals.bytes_sent,
        bytes_received: totals.bytes_received,
        ..Usage::default()
    };
    let later = plugin.pretending_that_it_is(SystemTime::now() + LATER);
    let again = ask(&later, "its lists, asked for again").await?;
    Some(Listed {
        lists,
        again,
        usage,
        fuel_max: totals.fuel_max,
    })
}

/// Puts it into service and tries it.
async fn try_out(
    premises: &Premises,
    installed: Installed,
    subject: &Subject,
    findings: &mut Findings,
) {
    let mut installed = installed.without_any_permission();
    // A host that serves it later has nothing to do with what fails here.
    installed.limits.failures_in_a_row = u64::MAX;
    let host = Host::start(premises.clone(), vec![Ok(installed)]);
    let listed = subject.listed.as_ref();
    let listed = listed.map_or(&[][..], |listed| &listed.lists.tools);
    smoke::run(&host, &subject.source.identity.name, listed, findings).await;
    host.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_task_that_waits_for_long_work_hears_others() {
        let (tell, hear) = mpsc::channel();
        let work = aside(move || hear.recv_timeout(Duration::from_secs(60)));
        // There is one thread for both: the second runs only while the first is waited for.
        let (heard, _) = tokio::join!(work, async move { tell.send(()) });
        assert_eq!(heard, Ok(()));
    }
}
