//! Skills in a folder. What is read is in that folder: it is opened once, and every path is walked from there.

use std::io::{self, Read};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;

use super::{Files, SkillError, Tally, skills};
use crate::contract::Skill;
use crate::limits::SKILL_DEPTH_MAX;

/// Reads the folder of all skills of a plugin.
pub(crate) fn read(folder: &Path) -> Result<Vec<Skill>, SkillError> {
    let dir = Dir::open_ambient_dir(folder, ambient_authority())
        .map_err(|error| unreadable(&folder.display().to_string(), error))?;
    let mut reading = Reading::default();
    reading.folder(&dir, "", 0)?;
    skills(reading.files)
}

#[derive(Default)]
struct Reading {
    files: Files,
    tally: Tally,
}

impl Reading {
    /// Reads a folder and the ones in it. What begins with a dot is left out: editors and systems put it there.
    fn folder(&mut self, dir: &Dir, below: &str, depth: usize) -> Result<(), SkillError> {
        let failed = |error| unreadable(below, error);
        for entry in dir.entries().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().into_string().map_err(|name| {
                let path = format!("{below}{}", name.to_string_lossy());
                SkillError::Path {
                    path,
                    problem: "is not UTF-8",
                }
            })?;
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{below}{name}");
            // Of the entry itself, and not of what a link leads to.
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() && depth <= SKILL_DEPTH_MAX {
                let inner = dir
                    .open_dir(&name)
                    .map_err(|error| unreadable(&path, error))?;
                self.folder(&inner, &format!("{path}/"), depth + 1)?;
            } else if kind.is_dir() {
                let problem = "is too deep";
                return Err(SkillError::Path { path, problem });
            } else if kind.is_file() {
                self.file(dir, &name, path)?;
            } else {
                return Err(SkillError::Special(path));
            }
        }
        Ok(())
    }

    /// Reads a file, unless it became something else since it was looked at. A pipe must not hold up the host.
    fn file(&mut self, dir: &Dir, name: &str, path: String) -> Result<(), SkillError> {
        let failed = |error| unreadable(&path, error);
        let mut options = OpenOptions::new();
        options.read(true);
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed());
        let file = dir.open_with(name, &options).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(SkillError::Special(path));
        }
        let mut bytes = Vec::new();
        // One byte more than allowed shows that there are more.
        let most = self.tally.bytes_left() as u64 + 1;
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        self.tally.add(bytes.len())?;
        self.files.insert(path, bytes);
        Ok(())
    }
}

fn unreadable(path: &str, error: io::Error) -> SkillError {
    SkillError::Unreadable {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::limits::SKILLS_BYTES_MAX;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir_all(dir.path().join("skills/adding")).expect("it can be made");
        let head = "---\nname: adding\ndescription: Adds.\n---\n";
        fs::write(dir.path().join("skills/adding/SKILL.md"), head).expect("it can be written");
        dir
    }

    #[test]
    fn a_folder_is_read_without_what_begins_with_a_dot() {
        let dir = folder();
        let skills = dir.path().join("skills");
        fs::write(skills.join(".DS_Store"), "x").expect("it can be written");
        fs::create_dir(skills.join("adding/.git")).expect("it can be made");
        let read = read(&skills).expect("it is good");
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].files.len(), 1);
    }

    #[test]
    fn a_link_and_a_pipe_are_refused_and_nothing_outside_is_read() {
        let check = |spoil: &dyn Fn(&Path), sentence: &str| {
            let dir = folder();
            let skill = dir.path().join("skills/adding");
            fs::write(dir.path().join("secret"), "secret").expect("it can be written");
            assert!(read(&dir.path().join("skills")).is_ok());
            spoil(&skill);
            let said = read(&dir.path().join("skills")).expect_err("it is bad");
            assert!(said.to_string().contains(sentence), "{said}");
        };
        let neither = "neither a file nor a folder";
        check(
            &|skill| symlink("../../secret", skill.join("x")).unwrap(),
            neither,
        );
        check(
            &|skill| symlink("SKILL.md", skill.join("x")).unwrap(),
            neither,
        );
        check(&|skill| symlink("/", skill.join("x")).unwrap(), neither);
        let pipe = |skill: &Path| {
            let mode = rustix::fs::Mode::RUSR;
            rustix::fs::mknodat(
                rustix::fs::CWD,
                skill.join("x"),
                rustix::fs::FileType::Fifo,
                mode,
                0,
            )
            .expect("it can be made");
        };
        check(&pipe, neither);
        let deep = |skill: &Path| {
            fs::create_dir_all(skill.join("d/".repeat(SKILL_DEPTH_MAX + 2)))
                .expect("it can be made");
        };
        check(&deep, "is too deep");
        let large = |skill: &Path| {
            let file = fs::File::create(skill.join("x")).expect("it can be made");
            file.set_len(SKILLS_BYTES_MAX as u64)
                .expect("it can be made long");
        };
        check(&large, "at most 16777216 bytes");
    }
}
