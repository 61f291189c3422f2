//! Why skills cannot be given out.

use std::io;

use crate::limits::{SKILL_FILES_MAX, SKILLS_BYTES_MAX, SKILLS_MAX};
use crate::names::{NameError, SkillName};

/// Skills that cannot be given out. The plugin is not served without them: nobody has to guess which half was meant.
#[derive(Debug, thiserror::Error)]
pub enum SkillError {
    /// A folder or file that cannot be read.
    #[error("cannot read `{path}` of its skills: {error}")]
    Unreadable {
        /// Where.
        path: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// A link, a pipe or a device.
    #[error("`{0}` of its skills is neither a file nor a folder (hint: put the file itself there)")]
    Special(String),
    /// A path that would mean something else to somebody else.
    #[error("path `{}` of its skills {problem}", path.escape_debug())]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file that belongs to no skill.
    #[error(
        "`{0}` is in no skill's folder (hint: a skill is `skills/<name>/SKILL.md` and what lies beside it)"
    )]
    Loose(String),
    /// More than a client wants to be told.
    #[error("a plugin has at most {SKILLS_MAX} skills with {SKILL_FILES_MAX} files each")]
    TooMany,
    /// More than is kept in memory.
    #[error(
        "all skills of a plugin together have at most {SKILLS_BYTES_MAX} bytes (hint: leave media out)"
    )]
    TooLarge,
    /// One that says nothing sensible of itself.
    #[error("skill `{skill}` {problem}")]
    Bad {
        /// Which one.
        skill: SkillName,
        /// What is wrong, with a hint.
        problem: String,
    },
    /// A folder whose name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A section that is not what the SDK writes.
    #[error("section `portcullis:skills` is not an object of files in base64: {0}")]
    Packed(String),
    /// A component and a folder that differ.
    #[error(
        "the folder `skills` differs from the skills in the component at `{0}` (hint: build the component again, or \
         remove one of the two)"
    )]
    Disagrees(String),
}
