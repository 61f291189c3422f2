//! What a build left inside that nobody needs: debug information, and the paths of the machine it was built on.

use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

use super::{Code, Findings, Severity, Subject};
use crate::names::shown;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*DEBUG, *NAMES, *SOURCE_MAP, *PATHS];

const DEBUG: &Code = &Code::warning(
    "PC0801",
    "debug-information",
    "the component has debug information in it",
    "It makes the component several times as large, is read and hashed on each start, and names files and functions of \
     the build. In Rust, `strip = true` in the release profile leaves it out; `wasm-tools strip` takes it out of any \
     component.",
);
const NAMES: &Code = &Code::warning(
    "PC0802",
    "function-names",
    "much of the component is names of functions",
    "They are of use in a crash and for nothing else. In Rust, `strip = true` in the release profile leaves them out; \
     `wasm-tools strip` takes them out of any component.",
);
const SOURCE_MAP: &Code = &Code::warning(
    "PC0803",
    "source-map",
    "the component says where its source or debug information is",
    "A debugger would fetch it from there, and the address is often one of the build machine. `wasm-tools strip` takes it \
     out.",
);
const PATHS: &Code = &Code::warning(
    "PC0804",
    "build-paths",
    "paths of the build machine are in the component",
    "Messages of panics hold the paths of source files. They show the name of whoever built it, and make the bytes differ \
     from one machine to the next, so that nobody can build the same component again. In Rust, set \
     `RUSTFLAGS=\"--remap-path-prefix=$HOME=~\"`, or `trim-paths` in the profile where cargo has it. Paths of build \
     servers are a note.",
);

/// Names of functions below this are not worth a word.
const NAMES_BYTES: u64 = 64 << 10;

/// Looks through the bytes.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let component = &subject.source.component;
    let anatomy = &subject.anatomy;
    if let Some(section) = &anatomy.debug_section {
        let message = format!(
            "{} of its {} bytes are debug information",
            anatomy.debug,
            component.len()
        );
        findings.add(
            DEBUG,
            format!("section {}", shown(section)),
            message,
            "set `strip = true` in the release profile",
        );
    }
    // One part in twenty.
    if anatomy.names > NAMES_BYTES.max(component.len() as u64 / 20) {
        let message = format!(
            "{} of its {} bytes are names of functions",
            anatomy.names,
            component.len()
        );
        findings.add(
            NAMES,
            "section `name`",
            message,
            "set `strip = true` in the release profile",
        );
    }
    if anatomy.source_map {
        let message = "it says where its source or debug information is";
        findings.add(
            SOURCE_MAP,
            "section `sourceMappingURL`",
            message,
            "take it out with `wasm-tools strip`",
        );
    }
    if let Some(paths) = Paths::of(component) {
        let (severity, whose) = match paths.has_person {
            true => (Severity::Warning, "which names somebody"),
            false => (Severity::Note, "of the build machine"),
        };
        let others = match paths.n - 1 {
            0 => String::new(),
            n_others => format!(", and {n_others} more"),
        };
        let message = format!("it holds the path {}{others}, {whose}", shown(&paths.first));
        let within = format!("byte {}", paths.at);
        findings.add_as(
            severity,
            PATHS,
            within,
            message,
            "build with `RUSTFLAGS=\"--remap-path-prefix=$HOME=~\"`",
        );
    }
}

/// Paths of a build machine.
#[derive(Debug, PartialEq, Eq)]
struct Paths {
    n: usize,
    /// The first, or the first that names somebody.
    first: String,
    at: usize,
    has_person: bool,
}

/// What begins a path that leads to somebody's own folder.
const HOMES: [&[u8]; 3] = [b"/home/", b"/Users/", b":\\Users\\"];

/// What begins one of a machine that builds: root's folder, and where containers, GitLab, GitHub and Nix have their things.
const MACHINES: [&[u8]; 6] = [
    b"/root/",
    b"/usr/local/cargo/registry/",
    b"/builds/",
    b"/github/workspace/",
    b"/nix/store/",
    b":\\a\\",
];

/// Accounts of build servers and containers.
const SERVERS: [&str; 16] = [
    "actions",
    "app",
    "build",
    "builder",
    "circleci",
    "ci",
    "docker",
    "github",
    "gitlab-runner",
    "jenkins",
    "node",
    "root",
    "runner",
    "runneradmin",
    "travis",
    "vsts",
];

impl Paths {
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for root in HOMES.into_iter().chain(MACHINES) {
            let begins = memmem::Finder::new(root);
            let mut from = 0;
            while let Some(at) = begins.find(&bytes[from..]).map(|found| from + found) {
                let (n_looked_at, path) = build_path(bytes, at, root);
                from = at + n_looked_at.max(root.len());
                let Some((path, has_person)) = path else {
                    continue;
                };
                match &mut found {
                    Some(paths) => {
                        paths.n += 1;
                        if has_person && !paths.has_person {
                            (paths.first, paths.at, paths.has_person) = (path, at, true);
                        }
                    }
                    None => {
                        found = Some(Self {
                            n: 1,
                            first: path,
                            at,
                            has_person,
                        });
                    }
                }
            }
        }
        found
    }
}

/// The path at a place, when it is one of a build, with whether it names somebody; and how many bytes need no second look.
fn build_path(bytes: &[u8], at: usize, root: &[u8]) -> (usize, Option<(String, bool)>) {
    /// The longest path that is looked at.
    const PATH_BYTES_MAX: usize = 400;
    // What distinguishes a build's path from one that a program speaks of: source files, and where they lie.
    static BUILD: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"(?i-u)[/\\](?:\.cargo|\.rustup|node_modules|site-packages|target|src|dist)[/\\]|\.(?:rs|py|c|cc|cpp|h|go|js|mjs|ts|zig|swift)$";
        Regex::new(pattern).expect("the pattern is a constant")
    });
    let end = bytes.len().min(at + PATH_BYTES_MAX);
    let rest = &bytes[at..end];
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"/\\._-+@:~ ()".contains(b) || *b >= 0x80;
    let n_bytes = rest.iter().take_while(|b| is_part(b)).count();
    // Texts lie side by side in memory, so what follows a file's name may be the next one.
    let path = cut_behind_file(&rest[..n_bytes]);
    if !BUILD.is_match(path) {
        // One may begin in the second half and go on behind it.
        return (n_bytes / 2, None);
    }
    let mut parts = path[root.len().min(path.len())..].split(|b| matches!(b, b'/' | b'\\'));
    let name = String::from_utf8_lossy(parts.next().unwrap_or_default()).to_ascii_lowercase();
    let has_person = HOMES.contains(&root) && !name.is_empty() && !SERVERS.contains(&&*name);
    let shown = String::from_utf8_lossy(path).into_owned();
    (path.len(), Some((shown, has_person)))
}

/// A path up to the end of the first source file in it.
fn cut_behind_file(path: &[u8]) -> &[u8] {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)\.(?:rs|py|cpp|mjs|zig|swift)").expect("the pattern is a constant")
    });
    FILE.find(path).map_or(path, |file| &path[..file.end()])
}

#[cfg(test)]
mod tests {
    use super::super::Finding;
    use super::super::anatomy::tests::component;
    use super::super::samples::{assert_found, found, subject};
    use super::*;
    use crate::contract::Lists;

    fn inside(sections: &[(&str, &[u8])]) -> Vec<Finding> {
        let mut subject = subject(Lists::default());
        subject.set_component(component(sections));
        found(check, &subject)
    }

    #[test]
    fn debug_information_is_found() {
        assert_found(&inside(&[("x", b"y")]), &[], "none");
        assert_found(&inside(&[(".debug_info", b"x")]), &[DEBUG], "debug");
        assert_found(
            &inside(&[("sourceMappingURL", b"x")]),
            &[SOURCE_MAP],
            "source map",
        );
        assert_found(&inside(&[("name", &[0; 64 << 10])]), &[], "some names");
        assert_found(&inside(&[("name", &[0; 65 << 10])]), &[NAMES], "many names");
    }

    #[test]
    fn a_path_of_a_build_is_told_from_one_that_a_program_speaks_of() {
        let check = |bytes: &str, expected: Option<(Severity, &str)>| {
            let found = inside(&[("x", bytes.as_bytes())]);
            let expected_codes: &[&Code] = if expected.is_some() { &[PATHS] } else { &[] };
            assert_found(&found, expected_codes, bytes);
            if let (Some(found), Some((severity, path))) = (found.first(), expected) {
                assert_eq!(found.severity, severity, "{bytes}");
                assert!(
                    found.message.contains(&format!("`{path}`")),
                    "{}",
                    found.message
                );
            }
        };
        use Severity::{Note, Warning};
        let person = "/home/ada/.cargo/registry/src/x/serde-1.0/src/lib.rs";
        check(person, Some((Warning, person)));
        check(&format!("text{person}text"), Some((Warning, person)));
        check(
            "/Users/ada/plugin/main.py",
            Some((Warning, "/Users/ada/plugin/main.py")),
        );
        check(
            "C:\\Users\\ada\\plugin\\src\\lib.rs",
            Some((Warning, ":\\\\Users\\\\ada\\\\plugin\\\\src\\\\lib.rs")),
        );
        check(
            "/root/.cargo/registry/src/x/a.rs",
            Some((Note, "/root/.cargo/registry/src/x/a.rs")),
        );
        check(
            "/home/runner/work/a/src/lib.rs",
            Some((Note, "/home/runner/work/a/src/lib.rs")),
        );
        let both = format!("/home/runner/a/src/lib.rs\0{person}\0");
        check(&both, Some((Warning, person)));
        for path in [
            "/usr/local/cargo/registry/src/x/serde-1.0/src/lib.rs",
            "/builds/ada/weather/src/lib.rs",
            "/github/workspace/src/lib.rs",
            "/nix/store/x-rust-1.95.0/lib/a.rs",
        ] {
            check(path, Some((Note, path)));
        }
        check(
            "D:\\a\\weather\\weather\\src\\lib.rs",
            Some((Note, ":\\\\a\\\\weather\\\\weather\\\\src\\\\lib.rs")),
        );
        check("/builds/1/log.txt", None);
        check("/home/ada/notes.txt", None);
        check("/home/user", None);
        check("/rustc/59807616e1fa/library/std/src/thread/id.rs", None);
        check("plugins/text/src/lib.rs", None);
        check("/Users/", None);
    }

    #[test]
    fn megabytes_of_paths_are_looked_through_once() {
        for piece in [
            "/home/",
            "/home/a/src/",
            "/root/",
            ":\\Users\\",
            "/home/a/.rs",
        ] {
            inside(&[("x", piece.repeat((1 << 20) / piece.len()).as_bytes())]);
        }
    }
}
