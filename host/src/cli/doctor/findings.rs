//! What is unsafe about a set-up, or has no effect, with the way out.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::Serialize;

use super::paths::PathFacts;
use crate::cli::style;
use crate::host::{Broken, Installed};
use crate::permissions::Approved;
use crate::secrets::Secrets;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A choice that gives away some safety, or lines without effect.
    Warning,
    /// Somebody else could change what the host does, or something does not work.
    Unsafe,
}

impl Severity {
    /// What a finding begins with.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Unsafe => "unsafe",
        }
    }

    /// How that looks.
    pub fn style(self) -> anstyle::Style {
        match self {
            Self::Note => style::NOTE,
            Self::Warning => style::WARNING,
            Self::Unsafe => style::ERROR,
        }
    }
}

/// One thing, and what to do about it.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What is the matter.
    pub what: String,
    /// What to do, when `what` does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    fn new(severity: Severity, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity,
            what: what.into(),
            hint: Some(hint.into()),
        }
    }

    /// An error of another room, which has its own hint.
    fn of_error(what: String) -> Self {
        Self {
            severity: Severity::Unsafe,
            what,
            hint: None,
        }
    }

    /// Something worth knowing.
    pub fn note(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Severity::Note, what, hint)
    }

    fn warning(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Severity::Warning, what, hint)
    }

    fn unsafe_(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Severity::Unsafe, what, hint)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.word(), self.what)?;
        match &self.hint {
            Some(hint) => write!(f, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

/// Who else could change the host's files.
pub fn of_paths(paths: &[PathFacts]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for facts in paths {
        let Some(path) = &facts.path else { continue };
        let what = facts.what;
        let path = path.display();
        if facts.is_foreign {
            findings.push(Finding::unsafe_(
                format!("the {what} {path} belongs to somebody else, who can change it at will"),
                "keep it where only you can write",
            ));
        }
        if facts.is_open() {
            let (can, mode) = match facts.is_private {
                true => ("read or change", "go-rwx"),
                false => ("change", "go-w"),
            };
            findings.push(Finding::unsafe_(
                format!("others can {can} the {what} {path}"),
                format!("`chmod {mode} {path}`"),
            ));
        }
    }
    findings
}

/// What is unsafe about the way the host was started.
pub fn of_process() -> Vec<Finding> {
    let is_root = rustix::process::geteuid().is_root();
    let root = is_root.then(|| {
        Finding::warning(
            "the host runs as root, so a hole in the sandbox would be a hole in the machine",
            "run it as an ordinary user",
        )
    });
    root.into_iter().collect()
}

/// What is unsafe about one plugin, or has no effect.
pub fn of_plugin(plugin: &Result<Installed, Broken>) -> Vec<Finding> {
    let plugin = match plugin {
        Ok(plugin) => plugin,
        Err(broken) => {
            let name = broken.name.as_ref().map(ToString::to_string);
            return vec![Finding::of_error(format!(
                "plugin `{}` is out of service: {}",
                name.unwrap_or_else(|| broken.origin.clone()),
                broken.reason
            ))];
        }
    };
    let mut findings = of_grant(plugin);
    findings.extend(of_directories(plugin));
    findings.extend(of_component(plugin));
    if let Err(error) = Secrets::read(&plugin.settings.secrets) {
        let name = &plugin.identity.name;
        findings.push(Finding::of_error(format!("plugin `{name}`: {error}")));
    }
    findings
}

fn of_grant(plugin: &Installed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = &plugin.identity.name;
    let grant = plugin.keys.grant();
    if grant.words.is_empty() {
        return findings;
    }
    if !plugin.keys.grant_is_for_this() {
        findings.push(Finding::warning(
            format!(
                "the grants of `{name}` do not hold, since they are not for its present component"
            ),
            format!(
                "when you trust it, write `digest = \"{}\"` under `[plugins.{name}]`",
                plugin.identity.digest
            ),
        ));
    }
    if grant.approved == Approved::Anything {
        findings.push(Finding::warning(
            format!("the grants of `{name}` go to whatever bytes come under its name"),
            "name its digest once you stop building it anew",
        ));
    }
    for rule in &grant.words.network {
        if rule.is_any() {
            findings.push(Finding::warning(
                format!("`{name}` may send to every public host whatever it gets to see"),
                "name the hosts it needs",
            ));
        }
        if rule.is_plain() {
            findings.push(Finding::warning(
                format!("`{name}` may talk to `{rule}` in clear text"),
                "write `https://`",
            ));
        }
    }
    findings
}

fn of_directories(plugin: &Installed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = &plugin.identity.name;
    for directory in &plugin.settings.directories {
        let path = directory.path.display();
        if !directory.path.is_dir() {
            findings.push(Finding::unsafe_(
                format!("the folder {path} that `{name}` should see is not there"),
                "make it, or take it out of `directories`",
            ));
        } else if is_wide(&directory.path) {
            findings.push(Finding::warning(
                format!("`{name}` sees {path} with all that is below"),
                "share a folder with only what it needs",
            ));
        }
        if directory.write {
            findings.push(Finding::warning(
                format!("`{name}` may change and delete what is in {path}"),
                "leave out `write` when reading is enough",
            ));
        }
    }
    findings
}

/// Whether a folder is the root, or the whole home.
fn is_wide(path: &Path) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let home = etcetera::home_dir()
        .ok()
        .and_then(|home| home.canonicalize().ok());
    real.parent().is_none() || home.is_some_and(|home| home.starts_with(&real))
}

/// Who else could replace a component. Its digest would no longer fit the grants, but its tools would be served.
fn of_component(plugin: &Installed) -> Option<Finding> {
    let path = plugin.component.path()?;
    let mode = fs::metadata(path).ok()?.mode();
    (mode & 0o022 != 0).then(|| {
        Finding::warning(
            format!("others can change the component {}", path.display()),
            format!("`chmod go-w {}`", path.display()),
        )
    })
}
