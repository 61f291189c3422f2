//! Manifests, alone and inside a component.

use portcullis::limits::MANIFEST_BYTES_MAX;
use portcullis::manifest::{Manifest, embedded};
use portcullis::names::PluginName;
use portcullis::permissions::NetworkRule;

use super::sentence;

/// Reads bytes as a manifest, and as a component that may have one inside.
pub fn check(bytes: &[u8]) {
    read(bytes);
    match embedded(bytes) {
        Ok(Some(inside)) => {
            assert!(
                bytes.as_ptr_range().contains(&inside.as_ptr()) || inside.is_empty(),
                "the manifest is not a part of the component"
            );
            read(inside);
        }
        Ok(None) => {}
        Err(error) => sentence::check(&error.to_string()),
    }
}

fn read(bytes: &[u8]) {
    let manifest = match Manifest::parse(bytes, "plugin.json") {
        Ok(manifest) => manifest,
        Err(error) => return sentence::check(&error.to_string()),
    };
    assert!(bytes.len() <= MANIFEST_BYTES_MAX);
    assert_eq!(
        manifest.name.as_str().parse::<PluginName>().as_ref(),
        Ok(&manifest.name)
    );
    for rule in &manifest.permissions.network {
        assert_eq!(
            rule.to_string().parse::<NetworkRule>().as_ref(),
            Ok(rule),
            "a rule is not what it says it is"
        );
    }
    for uri in &manifest.uris {
        assert!(uri.contains(':'), "{uri:?} claims every URI");
    }
    if let Some(defaults) = manifest
        .configuration
        .as_ref()
        .and_then(|configuration| configuration.defaults())
    {
        assert!(defaults.is_object(), "{defaults} are no settings");
    }
    assert!(
        serde_json::to_string(&manifest).is_ok(),
        "it cannot be shown"
    );
    let again = Manifest::parse(bytes, "plugin.json");
    assert_eq!(again.as_ref(), Ok(&manifest));
}
