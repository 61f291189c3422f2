//! The skills a plugin ships: in its component, as the custom section `portcullis:skills`, or in the folder `skills`
//! beside its `plugin.json`.
//!
//! A folder is read once, when the plugin is installed, and is not covered by the component's digest. That is enough
//! for what a skill is: text for clients, which gives the plugin no power and runs nowhere.

mod error;
mod folder;
mod frontmatter;
mod packed;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::{SKILL_MD, Skill, SkillFile};
use crate::limits::{
    SKILL_DEPTH_MAX, SKILL_FILES_MAX, SKILL_PATH_BYTES_MAX, SKILLS_BYTES_MAX, SKILLS_MAX,
};
use crate::names::{Digest, SkillName, is_deceptive};

pub use error::SkillError;
pub(crate) use folder::read as beside;
pub(crate) use packed::read as packed;

/// Files by their paths below the folder of all skills, such as `adding/SKILL.md`.
type Files = BTreeMap<String, Vec<u8>>;

/// Counts what is read, so that nobody reads more than is allowed.
#[derive(Default)]
struct Tally {
    n_files: usize,
    n_bytes: usize,
}

impl Tally {
    /// Counts one more file, of so many bytes.
    fn add(&mut self, n_bytes: usize) -> Result<(), SkillError> {
        self.n_files += 1;
        self.n_bytes = self.n_bytes.saturating_add(n_bytes);
        if self.n_files > SKILLS_MAX * SKILL_FILES_MAX {
            return Err(SkillError::TooMany);
        }
        if self.n_bytes > SKILLS_BYTES_MAX {
            return Err(SkillError::TooLarge);
        }
        Ok(())
    }

    /// Bytes that may still be read.
    fn bytes_left(&self) -> usize {
        SKILLS_BYTES_MAX.saturating_sub(self.n_bytes)
    }
}

/// Makes skills of files, wherever they come from.
fn skills(files: Files) -> Result<Vec<Skill>, SkillError> {
    let mut by_skill: BTreeMap<String, Vec<SkillFile>> = BTreeMap::new();
    for (path, bytes) in files {
        check_path(&path)?;
        let Some((skill, path)) = path.split_once('/') else {
            return Err(SkillError::Loose(path));
        };
        by_skill
            .entry(skill.to_owned())
            .or_default()
            .push(SkillFile {
                path: path.to_owned(),
                digest: Digest::of(&bytes),
                bytes: Arc::from(bytes),
            });
    }
    if by_skill.len() > SKILLS_MAX {
        return Err(SkillError::TooMany);
    }
    by_skill
        .into_iter()
        .map(|(name, files)| skill(&name, files))
        .collect()
}

fn skill(folder: &str, files: Vec<SkillFile>) -> Result<Skill, SkillError> {
    let name: SkillName = folder.parse()?;
    let at = |problem: String| SkillError::Bad {
        skill: name.clone(),
        problem,
    };
    if files.len() > SKILL_FILES_MAX {
        return Err(at(format!(
            "has {} files, and {SKILL_FILES_MAX} are allowed (hint: put what belongs together into one file)",
            files.len()
        )));
    }
    let Some(main) = files.iter().find(|file| file.path == SKILL_MD) else {
        return Err(at(format!(
            "has no `{SKILL_MD}` (hint: each folder in `skills` is a skill)"
        )));
    };
    let frontmatter = frontmatter::read(&main.bytes).map_err(at)?;
    let text = |key: &str| frontmatter.get(key).and_then(|value| value.as_str());
    if text("name") != Some(folder) {
        return Err(at(format!(
            "its `{SKILL_MD}` does not say `name: {folder}` (hint: a skill has the name of its folder)"
        )));
    }
    let description = text("description").unwrap_or_default().trim();
    /// What the Agent Skills format allows; clients keep all descriptions before a model.
    const DESCRIPTION_CHARS_MAX: usize = 1_024;
    if description.is_empty() || description.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(at(format!(
            "its `description` has not 1 to {DESCRIPTION_CHARS_MAX} characters (hint: say when to use it)"
        )));
    }
    Ok(Skill {
        description: description.to_owned(),
        frontmatter: frontmatter.clone(),
        name,
        files,
    })
}

/// Refuses a path that would mean something else to somebody else.
fn check_path(path: &str) -> Result<(), SkillError> {
    let refuse = |problem| {
        Err(SkillError::Path {
            path: path.to_owned(),
            problem,
        })
    };
    // One more part than folders within the skill, and one more for the skill itself.
    if path.split('/').count() > SKILL_DEPTH_MAX + 2 {
        return refuse("is too deep");
    }
    if path.len() > SKILL_PATH_BYTES_MAX {
        return refuse("is too long");
    }
    let is_bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.split('/').any(is_bad_part) {
        return refuse("does not stay in its folder");
    }
    if path.chars().any(|c| is_deceptive(c) || c == '\\') {
        return refuse("has a character that is not what it seems");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "---\nname: adding\ndescription: Adds.\n---\n# Adding\n";

    fn files(files: &[(&str, &str)]) -> Files {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
        files.iter().map(own).collect()
    }

    #[test]
    fn a_folder_with_a_good_head_is_a_skill() {
        let read = skills(files(&[
            ("adding/SKILL.md", GOOD),
            ("adding/more/deep.md", "x"),
        ]))
        .expect("it is good");
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].name.as_str(), "adding");
        assert_eq!(read[0].description, "Adds.");
        let paths: Vec<_> = read[0].files.iter().map(|file| &*file.path).collect();
        assert_eq!(paths, ["SKILL.md", "more/deep.md"]);
    }

    #[test]
    fn what_is_no_skill_is_refused_with_its_name() {
        let check = |paths: &[(&str, &str)], sentence: &str| {
            let said = skills(files(paths)).expect_err("it is bad").to_string();
            assert!(said.contains(sentence), "{said}");
        };
        check(&[("SKILL.md", GOOD)], "`SKILL.md` is in no skill's folder");
        check(&[("Adding/SKILL.md", GOOD)], "skill name");
        check(&[("adding/README.md", "")], "has no `SKILL.md`");
        check(&[("other/SKILL.md", GOOD)], "does not say `name: other`");
        check(&[("adding/SKILL.md", "# no head")], "does not begin with");
        check(
            &[("adding/SKILL.md", "---\nname: adding\n---\n")],
            "`description`",
        );
        check(
            &[("adding/SKILL.md", GOOD), ("adding/../../x", "")],
            "does not stay in its folder",
        );
        check(
            &[("adding/SKILL.md", GOOD), ("adding//x", "")],
            "does not stay in its folder",
        );
        check(
            &[("adding/SKILL.md", GOOD), ("adding/a\u{202e}b", "")],
            "is not what it seems",
        );
        let deep = format!("adding/{}x", "d/".repeat(SKILL_DEPTH_MAX + 1));
        check(&[("adding/SKILL.md", GOOD), (&deep, "")], "is too deep");
        let long = format!("adding/{}", "x".repeat(SKILL_PATH_BYTES_MAX));
        check(&[("adding/SKILL.md", GOOD), (&long, "")], "is too long");
    }

    #[test]
    fn a_skill_has_a_bounded_number_of_files() {
        let with = |n: usize| {
            let mut all = files(&[("adding/SKILL.md", GOOD)]);
            all.extend((1..n).map(|n| (format!("adding/{n}"), Vec::new())));
            skills(all)
        };
        assert!(with(SKILL_FILES_MAX).is_ok());
        let said = with(SKILL_FILES_MAX + 1).expect_err("one too many");
        assert!(said.to_string().contains("513 files"), "{said}");
    }
}
