//! The plugin's skills, which travel inside the component as the custom section `portcullis:skills`.
//!
//! The section is one JSON object: each file's path below the folder, such as `adding/SKILL.md`, with its bytes in
//! base64. The host reads it once more and believes nothing of it; what is checked here saves the author a round.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

/// Files of one plugin's skills. The host refuses more in one skill.
const FILES_MAX: usize = 512;

/// Bytes of all of them, which is what the host takes.
const BYTES_MAX: usize = 16 << 20;

/// Folders within folders. The host refuses deeper ones.
const DEPTH_MAX: usize = 8;

/// The section with all files below `folder`, a path relative to the author's `Cargo.toml`.
pub(crate) fn section(folder: &LitStr) -> Result<TokenStream> {
    let refuse = |reason: String| Error::new(folder.span(), reason);
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let files = files(&Path::new(&root).join(folder.value())).map_err(refuse)?;
    let encoded: BTreeMap<_, _> = files
        .iter()
        .map(|(path, bytes)| (path, STANDARD.encode(bytes)))
        .collect();
    let json = serde_json::to_vec(&encoded).map_err(|error| refuse(error.to_string()))?;
    let bytes = Literal::byte_string(&json);
    // The compiler sees when one of them changes. A new one is seen when the crate is compiled the next time.
    let tracked = files
        .keys()
        .map(|path| format!("/{}/{path}", folder.value()));
    Ok(quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #(const _: &[u8] = ::core::include_bytes!(::core::concat!(
                ::core::env!("CARGO_MANIFEST_DIR"), #tracked
            ));)*
            const BYTES: &[u8] = #bytes;
            #[used]
            #[unsafe(link_section = "portcullis:skills")]
            static PORTCULLIS_SKILLS_SECTION: [u8; BYTES.len()] = *#bytes;
        };
    })
}

/// The files of all skills in a folder, by their paths below it.
fn files(folder: &Path) -> std::result::Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    collect(folder, "", 0, &mut files)?;
    let skills: std::collections::BTreeSet<_> = files
        .keys()
        .map(|path: &String| path.split('/').next().unwrap_or_default())
        .collect();
    if skills.is_empty() {
        return Err(format!("`{}` holds no skill", folder.display()));
    }
    for skill in skills {
        if !files.contains_key(&format!("{skill}/SKILL.md")) {
            return Err(format!(
                "`{}` has no `{skill}/SKILL.md`: each skill is a folder with one",
                folder.display()
            ));
        }
    }
    let n_bytes: usize = files.values().map(Vec::len).sum();
    if n_bytes > BYTES_MAX {
        return Err(format!(
            "`{}` has {n_bytes} bytes, and {BYTES_MAX} are allowed",
            folder.display()
        ));
    }
    Ok(files)
}

/// Reads a folder and the ones in it. What begins with a dot is left out: editors and systems put it there.
fn collect(
    folder: &Path,
    below: &str,
    depth: usize,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> std::result::Result<(), String> {
    let unreadable = |error| format!("cannot read `{}`: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            return Err(format!("`{}` has no name in UTF-8", path.display()));
        };
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && depth < DEPTH_MAX {
            collect(&path, &format!("{below}{name}/"), depth + 1, files)?;
        } else if kind.is_file() && files.len() < FILES_MAX {
            let bytes = fs::read(&path).map_err(unreadable)?;
            files.insert(format!("{below}{name}"), bytes);
        } else {
            return Err(format!(
                "`{}` is one file too many, too deep, or neither a file nor a folder",
                path.display()
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_skills_is_read_without_what_begins_with_a_dot() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/text/skills");
        let read = files(&folder).expect("the shipped skills are good");
        assert!(read.keys().any(|path| path.ends_with("/SKILL.md")));
        assert!(read.keys().all(|path| !path.contains("/.")));
    }

    #[test]
    fn a_folder_that_is_no_skill_is_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(files(&root.join("nowhere")).is_err());
        // Its folder `src` holds files and no `SKILL.md`.
        assert!(files(root).is_err());
    }
}
