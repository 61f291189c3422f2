//! Where skills are: `skill://<plugin>/<skill>/<path>`, which no guest can claim and no other plugin can have.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Catalogue, Offered};
use crate::contract::{ResourceLink, SKILL_MD, Skill, SkillFile};
use crate::names::PluginName;

/// What begins the URI of everything in a skill.
const SCHEME: &str = "skill:";

/// The media type of a folder.
const FOLDER: &str = "inode/directory";

/// What may not stand in a path as it is: all but RFC 3986's unreserved characters and the `/` between folders.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Whether a claim, of a URI or of what URIs begin with, reaches what is the host's. Schemes have no case.
pub(super) fn is_the_hosts(claim: &str) -> bool {
    let begin = claim.get(..SCHEME.len()).unwrap_or(claim);
    SCHEME.starts_with(&begin.to_ascii_lowercase())
}

/// The skills of all plugins and the way to each of their files.
#[derive(Default)]
pub(super) struct Skills {
    /// By plugin and then by name. The public name is the URI of the skill's `SKILL.md`.
    pub(super) offered: Vec<Offered<Skill>>,
    /// Positions: of the skill, and of the file in it.
    files: HashMap<String, (usize, usize)>,
}

impl Skills {
    /// Adds the skills of one plugin.
    pub(super) fn add(&mut self, plugin: &PluginName, skills: &[Arc<Skill>]) {
        for skill in skills {
            let skill_idx = self.offered.len();
            for (file_idx, file) in skill.files.iter().enumerate() {
                let uri = uri(plugin, skill, &file.path);
                self.files.insert(uri, (skill_idx, file_idx));
            }
            self.offered.push(Offered {
                plugin: plugin.clone(),
                public: uri(plugin, skill, SKILL_MD).into(),
                item: skill.clone(),
            });
        }
    }

    /// What `resources/list` says of skills: the file each begins with.
    pub(super) fn listed(&self) -> Vec<Offered<ResourceLink>> {
        let listed = self.offered.iter().filter_map(|skill| {
            let main = skill.item.files.iter().find(|file| file.path == SKILL_MD)?;
            Some(Offered {
                plugin: skill.plugin.clone(),
                public: skill.public.clone(),
                item: Arc::new(described(skill, main)),
            })
        });
        listed.collect()
    }
}

impl Catalogue {
    /// The skills, by plugin and then by name. The public name is the URI of the skill's `SKILL.md`.
    pub fn skills(&self) -> &[Offered<Skill>] {
        &self.skills.offered
    }

    /// The skill whose `SKILL.md` has this URI.
    pub fn skill(&self, uri: &str) -> Option<&Offered<Skill>> {
        let mut skills = self.skills.offered.iter();
        skills.find(|skill| &*skill.public == uri)
    }

    /// The file with this URI.
    pub fn skill_file(&self, uri: &str) -> Option<&SkillFile> {
        let (skill_idx, file_idx) = *self.skills.files.get(uri)?;
        let skill = self.skills.offered.get(skill_idx)?;
        skill.item.files.get(file_idx)
    }

    /// What lies directly in the folder of a skill with this URI, by URI; none when there is no such folder.
    pub fn skill_folder(&self, claimed: &str) -> Option<Vec<Offered<ResourceLink>>> {
        let folder = format!("{}/", claimed.strip_suffix('/').unwrap_or(claimed));
        let of = |skill: &&Offered<Skill>| {
            let root = skill.public.strip_suffix(SKILL_MD);
            root.is_some_and(|root| folder.starts_with(root))
        };
        let skill = self.skills.offered.iter().find(of)?;
        let mut inside = BTreeMap::new();
        for file in &skill.item.files {
            let uri = uri(&skill.plugin, &skill.item, &file.path);
            let Some(rest) = uri.strip_prefix(&folder) else {
                continue;
            };
            match rest.split_once('/') {
                None => inside.insert(uri.clone(), described(skill, file)),
                Some((name, _)) => {
                    let uri = format!("{folder}{name}");
                    // The same number of folders stand in the path, which is not encoded.
                    let depth = folder.matches('/').count() - SEGMENTS_BEFORE;
                    let name = file.path.split('/').nth(depth).unwrap_or(name);
                    inside.insert(uri.clone(), link(uri, name, None, FOLDER, None))
                }
            };
        }
        let entries = inside.into_iter().map(|(uri, item)| Offered {
            plugin: skill.plugin.clone(),
            public: uri.into(),
            item: Arc::new(item),
        });
        let entries: Vec<_> = entries.collect();
        (!entries.is_empty()).then_some(entries)
    }
}

impl Offered<Skill> {
    /// Its files, each with its URI.
    pub fn files(&self) -> impl Iterator<Item = (String, &SkillFile)> {
        let files = self.item.files.iter();
        files.map(|file| (uri(&self.plugin, &self.item, &file.path), file))
    }
}

/// Slashes in `skill://<plugin>/<skill>/`.
const SEGMENTS_BEFORE: usize = 4;

fn uri(plugin: &PluginName, skill: &Skill, path: &str) -> String {
    let path = utf8_percent_encode(path, ESCAPED);
    format!("{SCHEME}//{plugin}/{}/{path}", skill.name)
}

/// A file, described. The one a skill begins with is named for the skill.
fn described(skill: &Offered<Skill>, file: &SkillFile) -> ResourceLink {
    let uri = uri(&skill.plugin, &skill.item, &file.path);
    let size = Some(file.bytes.len() as u64);
    if file.path == SKILL_MD {
        let about = Some(skill.item.description.clone());
        return link(uri, skill.item.name.as_str(), about, file.mime_type(), size);
    }
    let name = file.path.rsplit('/').next().unwrap_or_default();
    link(uri, name, None, file.mime_type(), size)
}

fn link(
    uri: String,
    name: &str,
    description: Option<String>,
    mime_type: &str,
    size: Option<u64>,
) -> ResourceLink {
    ResourceLink {
        uri,
        name: name.to_owned(),
        title: None,
        description,
        mime_type: Some(mime_type.to_owned()),
        size,
        annotations: None,
        icons: Vec::new(),
        meta: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Digest;

    fn catalogue() -> Catalogue {
        let file = |path: &str| SkillFile {
            path: path.to_owned(),
            bytes: Arc::from(path.as_bytes()),
            digest: Digest::of(path.as_bytes()),
        };
        let skill = |name: &str| {
            Arc::new(Skill {
                name: name.parse().expect("a good name"),
                description: "Adds.".to_owned(),
                frontmatter: serde_json::Map::new(),
                files: ["SKILL.md", "a b/c#d.md", "a b/e/f", "z.txt"]
                    .map(file)
                    .into(),
            })
        };
        let mut builder = super::super::Builder::default();
        for plugin in ["one", "two"] {
            let plugin = plugin.parse().expect("a good name");
            builder.add_skills(&plugin, &[skill("adding"), skill("adding-more")]);
        }
        builder.finish()
    }

    #[test]
    fn a_file_has_one_uri_and_it_leads_back() {
        let catalogue = catalogue();
        let check = |uri: &str, path: Option<&str>| {
            let found = catalogue.skill_file(uri).map(|file| &*file.path);
            assert_eq!(found, path, "{uri}");
        };
        check("skill://one/adding/SKILL.md", Some("SKILL.md"));
        check("skill://two/adding/a%20b/c%23d.md", Some("a b/c#d.md"));
        check("skill://two/adding/a b/c#d.md", None);
        check("skill://one/adding/../adding/SKILL.md", None);
        check("skill://three/adding/SKILL.md", None);
        check("skill://one/adding", None);
        check("", None);
        assert!(
            catalogue
                .skill("skill://one/adding-more/SKILL.md")
                .is_some()
        );
        assert!(catalogue.skill("skill://one/adding/z.txt").is_none());
    }

    #[test]
    fn a_folder_shows_what_lies_directly_in_it() {
        let catalogue = catalogue();
        let check = |uri: &str, expected: &[(&str, &str)]| {
            let inside = catalogue.skill_folder(uri).unwrap_or_default();
            let seen: Vec<_> = inside
                .iter()
                .map(|entry| (&*entry.public, entry.item.name.as_str()))
                .collect();
            assert_eq!(seen, expected, "{uri}");
        };
        let root = [
            ("skill://one/adding/SKILL.md", "adding"),
            ("skill://one/adding/a%20b", "a b"),
            ("skill://one/adding/z.txt", "z.txt"),
        ];
        check("skill://one/adding", &root);
        check("skill://one/adding/", &root);
        check(
            "skill://one/adding/a%20b",
            &[
                ("skill://one/adding/a%20b/c%23d.md", "c#d.md"),
                ("skill://one/adding/a%20b/e", "e"),
            ],
        );
        for nothing in [
            "skill://one/adding/z.txt",
            "skill://one",
            "skill://one/add",
            "skill:",
            "",
        ] {
            check(nothing, &[]);
        }
    }

    #[test]
    fn every_claim_that_reaches_a_skill_is_seen() {
        let check = |claim: &str, reaches| assert_eq!(is_the_hosts(claim), reaches, "{claim:?}");
        for claim in [
            "skill://one/adding/SKILL.md",
            "SKILL://x",
            "Skill:",
            "skill",
            "s",
            "",
        ] {
            check(claim, true);
        }
        for claim in ["skills://x", "ui://skill:", "a://skill", "skil-l:"] {
            check(claim, false);
        }
    }
}
