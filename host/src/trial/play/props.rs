//! What a case needs on its stage: who answers, with which secrets, and folders of its own.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::Directory;
use crate::limits::LimitsPatch;
use crate::trial::cases::{Case, CaseFile, Folder};
use crate::trial::report::Complaint;
use crate::trial::{Conditions, Reach, recordings};

/// What a case needs on its stage.
pub(super) struct Props {
    /// Under which conditions it is played.
    pub(super) conditions: Conditions,
    /// Its folders, which are gone with this.
    _folders: Option<tempfile::TempDir>,
}

impl Props {
    /// Makes what a case needs. `limits` are lowered to these, where its own are higher.
    pub(super) fn make(
        file: &CaseFile,
        case: &Case,
        is_recorded: bool,
        limits: &LimitsPatch,
    ) -> Result<Self, Complaint> {
        let mut conditions = case.conditions.clone();
        for (name, value) in limits.entries() {
            lower(&mut conditions.limits, name, value);
        }
        if is_recorded {
            use_true_secrets(case, &mut conditions)?;
        }
        conditions.reach = reach(file, case, is_recorded)?;
        let folders = make_folders(&case.folders)?;
        if let Some(folders) = &folders {
            conditions.directories = directories(&case.folders, folders.path());
        }
        Ok(Self {
            conditions,
            _folders: folders,
        })
    }
}

/// Who answers the plugin's requests: what the case says, and its recording.
fn reach(file: &CaseFile, case: &Case, is_recorded: bool) -> Result<Reach, Complaint> {
    if is_recorded {
        if case.conditions.allow.network.is_empty() {
            return Err(Complaint::said(
                "there is nothing to record, since no request is permitted",
            )
            .hint("write whom it may talk to under `allow.network`"));
        }
        return Ok(Reach::Recorded);
    }
    if !case.record {
        return Ok(case.conditions.reach.clone());
    }
    let path = recordings::recording_path(file, case);
    let recorded = recordings::read(&path).map_err(Complaint::said)?;
    let Some(recorded) = recorded else {
        return Err(
            Complaint::said(format!("`{}` is not there yet", path.display())).hint(
                "`portcullis test --record` runs the case against the true network and writes it",
            ),
        );
    };
    Ok(Reach::Script(match &case.conditions.reach {
        // What the case itself says comes first.
        Reach::Script(own) => [own.clone(), recorded].concat(),
        _ => recorded,
    }))
}

/// Puts true secrets where pretended ones stand, as far as the case names variables for them.
fn use_true_secrets(case: &Case, conditions: &mut Conditions) -> Result<(), Complaint> {
    for (name, variable) in &case.recorded_with {
        let Ok(value) = std::env::var(variable) else {
            return Err(Complaint::said(format!(
                "secret `{name}` is to be recorded with, and the variable `{variable}` is not set"
            ))
            .hint("set it, or leave out `record-env`"));
        };
        if let Some(secret) = conditions.secrets.get_mut(name) {
            secret.value = value;
        }
    }
    Ok(())
}

/// Makes the folders of a case, in one that is gone with what this gives. None when it has none.
fn make_folders(
    folders: &BTreeMap<String, Folder>,
) -> Result<Option<tempfile::TempDir>, Complaint> {
    if folders.is_empty() {
        return Ok(None);
    }
    let made = || -> std::io::Result<tempfile::TempDir> {
        let root = tempfile::tempdir()?;
        for (name, folder) in folders {
            let top = root.path().join(name);
            std::fs::create_dir(&top)?;
            for (path, text) in &folder.files {
                let path = top.join(path);
                std::fs::create_dir_all(path.parent().unwrap_or(&top))?;
                std::fs::write(path, text)?;
            }
        }
        Ok(root)
    };
    made().map(Some).map_err(|error| {
        Complaint::said(format!("the folders of the case cannot be made: {error}"))
    })
}

fn directories(folders: &BTreeMap<String, Folder>, root: &Path) -> Vec<Directory> {
    let directory = |(name, folder): (&String, &Folder)| Directory {
        name: name.clone(),
        path: root.join(name),
        write: folder.write,
    };
    folders.iter().map(directory).collect()
}

/// Lowers one limit.
fn lower(limits: &mut LimitsPatch, name: &str, value: u64) {
    let mut entries: serde_json::Map<_, _> = limits
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let own = entries.get(name).and_then(serde_json::Value::as_u64);
    entries.insert(name.to_owned(), own.unwrap_or(value).min(value).into());
    *limits = serde_json::from_value(serde_json::Value::Object(entries))
        .expect("these are keys of limits, with whole numbers");
}
