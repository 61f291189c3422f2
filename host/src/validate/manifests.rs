//! What is wrong with a manifest or with skills.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::sentence::split_hint;
use super::{Code, Finding, Findings, Place, Severity, Subject};
use crate::limits::Limits;
use crate::manifest::{self, ManifestError, ManifestProblem, SkillError};

const TOO_LARGE: Code = Code {
    id: "PC0201",
    name: "manifest-too-large",
    severity: Severity::Error,
    title: "the manifest is longer than any honest one",
    explanation: "A manifest has at most 256 KiB. It is read at every start of a host, before anything is known of its author. \
        Leave long texts to the documentation, and schemas of settings to what an operator can set.",
};

const NOT_JSON: Code = Code {
    id: "PC0202",
    name: "manifest-not-json",
    severity: Severity::Error,
    title: "the manifest cannot be read as JSON",
    explanation: "A manifest is one JSON object in UTF-8, without comments, without trailing commas, and without a key that \
        stands twice, since readers would take the first or the last. The message names the line and the column.",
};

const UNKNOWN_KEY: Code = Code {
    id: "PC0203",
    name: "unknown-key",
    severity: Severity::Error,
    title: "a key of the manifest means nothing",
    explanation: "Every key that is accepted has an effect, so one that has none is refused: it may be a permission or a limit \
        that was mistyped. `schemas/plugin.schema.json` has all keys; an editor that is given it as `$schema` completes them.",
};

const MISSING_KEY: Code = Code {
    id: "PC0204",
    name: "missing-key",
    severity: Severity::Error,
    title: "a key is missing without which a manifest is none",
    explanation: "A manifest has a `name` and a `version`; `configuration` has a `schema`. Everything else can be left out. Add \
        the key that the message names.",
};

const WRONG_FORM: Code = Code {
    id: "PC0205",
    name: "wrong-form",
    severity: Severity::Error,
    title: "a value of the manifest has not the form its key wants",
    explanation: "The published schema gives each key its type, its length and its words. The message says what is there and \
        what was expected; `schemas/plugin.schema.json` describes every key.",
};

const BAD_VALUE: Code = Code {
    id: "PC0206",
    name: "bad-value",
    severity: Severity::Error,
    title: "a value of the manifest makes no sense",
    explanation: "The value has the right form, and yet nothing can be made of it: a name with letters that are not allowed, a \
        network rule that covers a whole top-level domain, a range of versions that is none, a schema that does not compile. \
        The message says why and what to write instead.",
};

const BAD_VERSION: Code = Code {
    id: "PC0207",
    name: "bad-version",
    severity: Severity::Error,
    title: "the version is none",
    explanation: "A version has three numbers, as Semantic Versioning has them, such as `1.0.0` or `1.2.0-beta.1`. Operators and \
        lock files compare versions, so a date or a `v` before it does not do.",
};

const BAD_LICENSE: Code = Code {
    id: "PC0208",
    name: "bad-license",
    severity: Severity::Error,
    title: "the licence is no SPDX expression",
    explanation: "Tools sort plugins by licence, which works only when it is written as SPDX has it: `MIT`, `Apache-2.0 OR MIT`, \
        or `LicenseRef-Something` for terms of your own. Put the text itself into a file beside the plugin.",
};

const SEVERAL_MANIFESTS: Code = Code {
    id: "PC0209",
    name: "several-manifests",
    severity: Severity::Error,
    title: "the component carries two manifests or two sets of skills that differ",
    explanation: "A component may be composed of others, and each may bring the section `portcullis:manifest`. When they differ \
        nobody can say which one is meant. Compose them so that one is left, or make them equal.",
};

const NESTED_TOO_DEEPLY: Code = Code {
    id: "PC0210",
    name: "nested-too-deeply",
    severity: Severity::Error,
    title: "components are packed into each other too deeply",
    explanation: "Composed components have three or four levels, and 32 are allowed. More is no accident of a tool: each level \
        costs whoever reads it memory. Compose fewer components.",
};

const DISAGREES: Code = Code {
    id: "PC0211",
    name: "manifests-disagree",
    severity: Severity::Error,
    title: "the manifest beside the component differs from the one inside it",
    explanation: "A component may carry its manifest, so that one file is the whole plugin, and a `plugin.json` may lie beside \
        it. When both are there they must say the same, or two people who got the plugin two ways would have two plugins. Build \
        the component again, or remove one of the two. In Rust the manifest inside is made from `Cargo.toml`.",
};

const NO_MANIFEST: Code = Code {
    id: "PC0212",
    name: "no-manifest",
    severity: Severity::Warning,
    title: "the plugin has no manifest",
    explanation: "Without one a plugin is called as its file is, has no version, and asks for nothing. It loads, and nobody who \
        gets it can tell what it is. Put a `plugin.json` with `name` and `version` beside it, or let `portcullis pack` put it \
        inside.",
};

const VAIN_WISH: Code = Code {
    id: "PC0213",
    name: "vain-wish",
    severity: Severity::Note,
    title: "a limit is wished for that is above what every plugin has",
    explanation: "A wish in the manifest lowers a limit and never raises it, since otherwise a plugin could give itself what it \
        wants. This one has no effect. Leave it out, and tell operators in the README which limit to raise in portcullis.toml.",
};

const SKILL_FILE: Code = Code {
    id: "PC0221",
    name: "skill-file",
    severity: Severity::Error,
    title: "a file among the skills cannot be given out",
    explanation: "A skill is `skills/<name>/SKILL.md` and what lies beside it: ordinary files with paths that mean the same on \
        every system. Links, pipes, files outside a skill's folder, and names with control characters or backslashes are \
        refused. Move or rename the file that the message names.",
};

const SKILLS_TOO_LARGE: Code = Code {
    id: "PC0222",
    name: "skills-too-large",
    severity: Severity::Error,
    title: "there are more skills, or more bytes of them, than are given out",
    explanation: "A plugin has at most 64 skills with 512 files each, and 16 MiB in all, because they are kept in memory and \
        their heads are put before a model. Leave media out, and put what belongs together into one skill.",
};

const BAD_SKILL: Code = Code {
    id: "PC0223",
    name: "bad-skill",
    severity: Severity::Error,
    title: "a skill does not say what it is",
    explanation: "A skill has a `SKILL.md` that begins with YAML between two lines of `---`, with `name`, which is the name of its \
        folder, and `description` of 1 to 1024 characters, which says when to use it. Clients show exactly these two to a model.",
};

const BAD_SKILLS_SECTION: Code = Code {
    id: "PC0224",
    name: "bad-skills-section",
    severity: Severity::Error,
    title: "the skills inside the component cannot be unpacked",
    explanation: "The custom section `portcullis:skills` is a JSON object from paths to files in base64. The SDK and `portcullis \
        pack` write it; something else wrote this one, or it was cut. Build or pack the plugin again.",
};

const SKILLS_DISAGREE: Code = Code {
    id: "PC0225",
    name: "skills-disagree",
    severity: Severity::Error,
    title: "the folder `skills` differs from the skills inside the component",
    explanation: "Skills may be packed into the component or lie in a folder beside its `plugin.json`. When both are there they \
        must be equal, or nobody can say which are meant. Build or pack the component again, or remove one of the two.",
};

/// What this file finds.
pub const CODES: &[Code] = &[
    TOO_LARGE,
    NOT_JSON,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_FORM,
    BAD_VALUE,
    BAD_VERSION,
    BAD_LICENSE,
    SEVERAL_MANIFESTS,
    NESTED_TOO_DEEPLY,
    DISAGREES,
    NO_MANIFEST,
    VAIN_WISH,
    SKILL_FILE,
    SKILLS_TOO_LARGE,
    BAD_SKILL,
    BAD_SKILLS_SECTION,
    SKILLS_DISAGREE,
];

/// Tells all that is wrong with a manifest, each with its key, and its line where the manifest is a file.
pub(super) fn tell(error: &ManifestError, findings: &mut Findings) {
    let beside = Some(PathBuf::from(&error.origin)).filter(|path| is_one(path));
    let text = beside
        .as_deref()
        .and_then(|path| manifest::read_text(path).ok());
    for problem in error.problems() {
        let (message, hint) = split_hint(&problem.to_string());
        let line = text.as_deref().and_then(|text| line(problem, text));
        let within = match problem.key() {
            Some(key) => Some(format!("key `{key}`")),
            None if beside.is_none() => Some("the embedded manifest".to_owned()),
            None => None,
        };
        let code = code(problem);
        findings.push(Finding {
            code,
            severity: code.severity,
            place: Place {
                file: beside.clone().unwrap_or_else(|| findings.file().to_owned()),
                line,
                within,
            },
            message,
            hint,
        });
    }
}

fn code(problem: &ManifestProblem) -> &'static Code {
    match problem {
        ManifestProblem::TooLarge { .. } => &TOO_LARGE,
        ManifestProblem::NotJson(_) => &NOT_JSON,
        ManifestProblem::UnknownKey { .. } => &UNKNOWN_KEY,
        ManifestProblem::MissingKey { .. } => &MISSING_KEY,
        ManifestProblem::Unfit { .. } => &WRONG_FORM,
        ManifestProblem::BadValue { key, .. } if key == "version" => &BAD_VERSION,
        ManifestProblem::BadValue { key, .. } if key == "license" => &BAD_LICENSE,
        ManifestProblem::BadValue { .. } => &BAD_VALUE,
        ManifestProblem::SeveralEmbedded => &SEVERAL_MANIFESTS,
        ManifestProblem::NestedTooDeeply(_) => &NESTED_TOO_DEEPLY,
        ManifestProblem::Disagrees { .. } => &DISAGREES,
    }
}

/// The line a problem is on: its key's, or the one the JSON reader names.
fn line(problem: &ManifestProblem, text: &str) -> Option<u32> {
    match problem {
        ManifestProblem::NotJson(said) => {
            let (_, line) = said.rsplit_once(" line ")?;
            line.split(' ').next()?.parse().ok()
        }
        problem => manifest::line_of(text, problem.key()?),
    }
}

/// Whether a path is that of a manifest rather than of a component.
pub(super) fn is_one(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name == "plugin.json" || name.ends_with(".plugin.json"))
}

/// Tells of a manifest that is not even read.
pub(super) fn tell_too_large(path: &Path, sentence: &str, findings: &mut Findings) {
    let (message, _) = split_hint(sentence);
    findings.push(Finding {
        code: &TOO_LARGE,
        severity: TOO_LARGE.severity,
        place: Place {
            file: path.to_owned(),
            line: None,
            within: None,
        },
        message,
        hint: Some("leave long texts to the documentation".to_owned()),
    });
}

/// Tells what is wrong with the skills.
pub(super) fn tell_of_skills(error: &SkillError, findings: &mut Findings) {
    let code = match error {
        SkillError::Unreadable { .. }
        | SkillError::Special(_)
        | SkillError::Path { .. }
        | SkillError::Loose(_) => &SKILL_FILE,
        SkillError::TooMany | SkillError::TooLarge => &SKILLS_TOO_LARGE,
        SkillError::Bad { .. } | SkillError::Name(_) => &BAD_SKILL,
        SkillError::Packed(_) => &BAD_SKILLS_SECTION,
        SkillError::Disagrees => &SKILLS_DISAGREE,
    };
    let within = match error {
        SkillError::Bad { skill, .. } => format!("skill `{skill}`"),
        _ => "the skills".to_owned(),
    };
    findings.tell(code, Some(within), &error.to_string());
}

/// What loads, and could be said better.
pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    let manifest = &subject.source.manifest;
    if manifest.is_minimal() {
        findings.add(
            &NO_MANIFEST,
            "the component",
            "it has no manifest, so it has no version and its name is its file's",
            "put a `plugin.json` with `name` and `version` beside it",
        );
    }
    let wishes = serde_json::to_value(&manifest.limits).unwrap_or_default();
    for (name, usual) in Limits::default().entries() {
        let wish = wishes.get(name).and_then(Value::as_u64);
        if let Some(wish) = wish.filter(|wish| *wish > usual) {
            findings.add(
                &VAIN_WISH,
                format!("key `limits.{name}`"),
                format!("it wishes for {wish}, and every plugin has {usual} at most unless its operator raises it"),
                "leave the wish out, and tell operators which limit to raise",
            );
        }
    }
}
