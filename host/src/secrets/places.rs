//! Reading a secret where it is.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::{Zeroize, Zeroizing};

use super::{Secret, SecretProblem, Source};

/// Bytes of one secret. A private key with its certificates has 6 KB, and what redacts a secret needs forty times its size.
pub(super) const SECRET_BYTES_MAX: usize = 8 << 10;

/// What the mode of a secret's file may be at most: its owner may read and write it.
pub(super) const WIDEST_MODE: u32 = 0o600;

/// Reads a secret.
pub(super) fn read(source: &Source) -> Result<Secret, SecretProblem> {
    let bytes = match source {
        Source::Env(name) => variable(name)?,
        Source::File(path) => without_line_break(file(path)?),
        Source::Keyring { service, user } => keyring(service, user)?,
        Source::Given(given) => Bytes::new(given.0.as_bytes().to_vec()),
    };
    match bytes.len() {
        0 => Err(SecretProblem::Empty),
        1..=SECRET_BYTES_MAX => text(bytes).map(Secret::new),
        _ => Err(SecretProblem::TooLong),
    }
}

/// Reads a file that its owner alone may read, such as a private key, and that need not be text.
///
/// # Errors
/// When it cannot be read, or others can read or write it, or it is longer than any secret.
pub fn read_private_file(path: &Path) -> Result<Bytes, SecretProblem> {
    match file(path)? {
        bytes if bytes.len() > SECRET_BYTES_MAX => Err(SecretProblem::TooLong),
        bytes => Ok(bytes),
    }
}

/// Bytes that may be secret.
type Bytes = Zeroizing<Vec<u8>>;

/// The same bytes as text, without a copy that nobody wipes.
fn text(mut bytes: Bytes) -> Result<Zeroizing<String>, SecretProblem> {
    String::from_utf8(std::mem::take(&mut *bytes))
        .map(Zeroizing::new)
        .map_err(|error| {
            error.into_bytes().zeroize();
            SecretProblem::NotText
        })
}

fn variable(name: &str) -> Result<Bytes, SecretProblem> {
    match std::env::var_os(name) {
        Some(value) => Ok(Bytes::new(value.into_encoded_bytes())),
        None => Err(SecretProblem::NotSet),
    }
}

fn file(path: &Path) -> Result<Bytes, SecretProblem> {
    let refused = |error: io::Error| SecretProblem::Unreadable(error.to_string());
    let mut file = open(path).map_err(refused)?;
    // What is open is what is looked at and read, whatever the path names by then.
    let metadata = file.metadata().map_err(refused)?;
    if !metadata.is_file() {
        return Err(SecretProblem::NotAFile);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretProblem::Open { mode });
        }
    }
    // One line break more than a secret may have, and one byte more, by which a longer file shows. With room for all of
    // it the vector never moves, so it leaves nothing behind.
    let read_max = SECRET_BYTES_MAX + "\r\n".len() + 1;
    let mut bytes = Bytes::new(Vec::with_capacity(read_max));
    bytes.resize(read_max, 0);
    let mut n_read = 0;
    loop {
        match file.read(&mut bytes[n_read..]) {
            Ok(0) => break,
            Ok(n) => n_read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(refused(error)),
        }
    }
    bytes.truncate(n_read);
    Ok(bytes)
}

/// Opens a file, and does not wait when it is a pipe that nobody writes to.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Leaves out one line break at the end, which editors and `echo` put there.
fn without_line_break(mut bytes: Bytes) -> Bytes {
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    bytes
}

/// Reads from the keyring of the kernel.
#[cfg(target_os = "linux")]
fn keyring(service: &str, user: &str) -> Result<Bytes, SecretProblem> {
    use keyring_core::api::CredentialStoreApi;
    // These errors carry what was found and do not show it.
    let refused = |error: keyring_core::Error| SecretProblem::Keyring(error.to_string());
    let store = linux_keyutils_keyring_store::Store::new().map_err(refused)?;
    let entry = store.build(service, user, None).map_err(refused)?;
    entry.get_secret().map(Bytes::new).map_err(refused)
}

#[cfg(not(target_os = "linux"))]
fn keyring(_service: &str, _user: &str) -> Result<Bytes, SecretProblem> {
    Err(SecretProblem::Keyring(
        "this version reads the keyring of Linux alone".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::super::{Reference, Secrets};
    use super::*;

    fn problem_of(source: Source) -> String {
        let binding = None;
        let references = BTreeMap::from([("key".to_owned(), Reference { source, binding })]);
        Secrets::read(&references).unwrap_err().to_string()
    }

    fn private(bytes: &[u8]) -> tempfile::NamedTempFile {
        // These files are made with mode 600.
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_file_is_a_secret_without_its_last_line_break() {
        let check = |bytes: &[u8], expected: &str| {
            let file = private(bytes);
            let secret = read(&Source::File(file.path().to_owned())).unwrap();
            assert_eq!(secret.expose(), expected);
        };
        check(b"hunter22", "hunter22");
        check(b"hunter22\n", "hunter22");
        check(b"hunter22\r\n", "hunter22");
        check(b"hunter22\n\n", "hunter22\n");
        check(b"one\ntwo\n", "one\ntwo");
        check(&[b'x'; SECRET_BYTES_MAX], &"x".repeat(SECRET_BYTES_MAX));
    }

    #[test]
    fn a_file_that_is_no_secret_is_refused_and_not_shown() {
        let check = |bytes: &[u8], reason: &str| {
            let file = private(bytes);
            let problem = problem_of(Source::File(file.path().to_owned()));
            assert!(problem.contains(reason), "{problem}");
            assert!(problem.contains("secret `key`"), "{problem}");
            assert!(!problem.contains("hunter22"), "{problem}");
        };
        check(b"", "is empty");
        check(b"\n", "is empty");
        check(b"hunter22\xff", "not UTF-8");
        check(
            &b"hunter22".repeat(SECRET_BYTES_MAX / 8 + 1),
            "more than 8192 bytes",
        );
        let missing = tempfile::tempdir().unwrap();
        let problem = problem_of(Source::File(missing.path().join("none")));
        assert!(problem.contains("No such file"), "{problem}");
        let problem = problem_of(Source::File(missing.path().to_owned()));
        assert!(problem.contains("not a regular file"), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_or_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let check = |mode: u32, fits: bool| {
            let file = private(b"hunter22");
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            let read = read(&Source::File(file.path().to_owned()));
            assert_eq!(read.is_ok(), fits, "{mode:o}");
            if let Err(problem) = read {
                assert_eq!(problem, SecretProblem::Open { mode });
                assert!(problem.to_string().contains("hint: chmod 600"));
            }
        };
        check(0o600, true);
        check(0o400, true);
        check(0o640, false);
        check(0o604, false);
        check(0o620, false);
        check(0o602, false);
        check(0o644, false);
        check(0o777, false);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, fifo, mode, 0).unwrap();
        let problem = problem_of(Source::File(pipe));
        assert!(problem.contains("not a regular file"), "{problem}");
    }

    #[test]
    fn a_variable_must_be_set() {
        let there = read(&Source::Env("CARGO_MANIFEST_DIR".to_owned())).unwrap();
        assert_eq!(there.expose(), env!("CARGO_MANIFEST_DIR"));
        let problem = problem_of(Source::Env("PORTCULLIS_NO_SUCH_VARIABLE".to_owned()));
        assert_eq!(
            problem,
            "secret `key` cannot be read from environment variable `PORTCULLIS_NO_SUCH_VARIABLE`: it is not set \
             (hint: set it in the environment the host is started in)"
        );
    }

    #[test]
    fn a_keyring_without_the_secret_names_the_way_out() {
        let problem = problem_of(Source::Keyring {
            service: "portcullis-tests".to_owned(),
            user: "nobody".to_owned(),
        });
        assert!(
            problem.starts_with(
                "secret `key` cannot be read from the keyring as `portcullis-tests/nobody`: "
            ),
            "{problem}"
        );
        assert!(problem.ends_with("(hint: put it there, or name a `file` or `env` instead)"));
    }
}
