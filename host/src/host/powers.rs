//! What one plugin is given, put together from its keys and what the operator says of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::environment::variables;
use super::install::Installed;
use super::premises::Premises;
use super::settings::{Settings, add_secrets};
use crate::network::Gate;
use crate::permissions::StorageKind;
use crate::runtime::Powers;
use crate::secrets::{Inserter, Reference, Secrets};
use crate::storage::{Folder, KeyValue, Places};

/// Opens what the plugin's keys open. `settings` are without secrets.
///
/// # Errors
/// When a secret cannot be read, or what is granted cannot be had.
pub(super) async fn powers(
    installed: &Installed,
    mut settings: Settings,
    premises: &Premises,
) -> Result<Powers, String> {
    let plugin = &installed.settings;
    let keys = &installed.keys;
    let secrets = match keys.grant_is_for_this() {
        true => read(plugin.secrets.clone()).await?,
        // A secret is given to a component as a grant is, and not to whatever else comes under its name.
        false => Secrets::default(),
    };
    add_secrets(&mut settings, &secrets);
    let redactor = secrets.redactor().map(Arc::new);
    let inserter = secrets
        .has_bound()
        .then(|| Arc::new(secrets) as Arc<dyn Inserter>);
    let gate = keys.opens_network().then(|| {
        Gate::new(
            premises.network().clone(),
            keys.clone(),
            &installed.limits,
            inserter,
        )
    });
    Ok(Powers {
        variables: variables(keys, &plugin.environment, own_variable(premises)),
        pretended: premises.pretended().cloned().unwrap_or_default(),
        settings: settings.into(),
        redactor,
        gate,
        places: places(installed, premises)?,
        key_value: key_value(installed, premises)?,
        is_watched: installed.is_watched,
        propagates_trace: premises.telemetry().propagates(),
        ..Powers::none(keys.clone())
    })
}

/// How a variable of the host's own environment is looked up. Where things are pretended there is none.
fn own_variable(premises: &Premises) -> fn(&str) -> Option<String> {
    match premises.pretended() {
        Some(_) => |_| None,
        None => |name| std::env::var(name).ok(),
    }
}

fn places(installed: &Installed, premises: &Premises) -> Result<Option<Places>, String> {
    let keys = &installed.keys;
    let is_folder = |kind: &StorageKind| *kind != StorageKind::KeyValue;
    let mut folders = StorageKind::ALL.into_iter().filter(is_folder);
    if !folders.any(|kind| keys.storage(kind).is_ok()) {
        return Ok(None);
    }
    let shared: Vec<_> = installed
        .settings
        .directories
        .iter()
        .map(|directory| Folder {
            name: directory.name.clone(),
            path: directory.path.clone(),
            is_writable: directory.write,
        })
        .collect();
    Places::open(
        keys,
        &installed.limits,
        premises.state()?,
        &shared,
        premises.own_files(),
    )
    .map_err(|error| error.to_string())
}

fn key_value(installed: &Installed, premises: &Premises) -> Result<Option<KeyValue>, String> {
    if installed.keys.storage(StorageKind::KeyValue).is_err() {
        return Ok(None);
    }
    let dir = premises
        .state()?
        .plugin_dir(&installed.identity.name)
        .map_err(|error| error.to_string())?;
    Ok(Some(KeyValue::new(&dir, &installed.limits)))
}

/// Reads secrets. Few plugins have any, and reading them waits for a disk or a keyring.
async fn read(references: BTreeMap<String, Reference>) -> Result<Secrets, String> {
    if references.is_empty() {
        return Ok(Secrets::default());
    }
    let read = tokio::task::spawn_blocking(move || Secrets::read(&references));
    match read.await {
        Ok(secrets) => secrets.map_err(|error| error.to_string()),
        Err(_panic) => Err("its secrets cannot be read: the host panicked".to_owned()),
    }
}
