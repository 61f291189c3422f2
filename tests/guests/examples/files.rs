//! Does with files what it is told, step by step, and says how each step went: whether a trick is played or honest work done
//! is for the test to say.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

use portcullis_test_guests::*;
use serde_json::{Value, json};
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags, filesystem_error_code};
use wasip2::io::streams::StreamError;

struct Files;

impl Trick for Files {
    const NAME: &str = "files";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(
            "run",
            r#"{"type":"object","properties":{"steps":{"type":"array"}}}"#,
        )]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let steps = argument(&request, "steps");
        let mut held = Vec::new();
        let said: Vec<Value> = steps
            .as_array()
            .into_iter()
            .flatten()
            .map(|step| match play(step, &mut held) {
                Ok(said) => said,
                Err(error) => json!(name(&error)),
            })
            .collect();
        answer(Value::Array(said).to_string())
    }
}

/// Does one step: a verb, the path it is for, and what else it needs.
fn play(step: &Value, held: &mut Vec<File>) -> io::Result<Value> {
    let word = |at: usize| step[at].as_str().unwrap_or_default();
    let number = |at: usize| step[at].as_u64().unwrap_or_default();
    let path = word(1);
    match word(0) {
        "write" => fs::write(path, word(2))?,
        "write-bytes" => fs::write(path, vec![b'x'; number(2) as usize])?,
        "append" => {
            let mut file = OpenOptions::new().append(true).create(true).open(path)?;
            file.write_all(word(2).as_bytes())?;
        }
        "write-at" => {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)?;
            file.seek(SeekFrom::Start(number(2)))?;
            file.write_all(b"x")?;
        }
        "set-size" => {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)?;
            file.set_len(number(2))?;
        }
        "write-by-wasi" => return Ok(json!(write_by_wasi(path, number(2)))),
        "truncate" => drop(OpenOptions::new().write(true).truncate(true).open(path)?),
        "read" => return Ok(json!(fs::read_to_string(path)?)),
        "read-some" => {
            let mut text = String::new();
            File::open(path)?
                .take(number(2))
                .read_to_string(&mut text)?;
            return Ok(json!(text));
        }
        "list" => {
            let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name()));
            let names = names.collect::<io::Result<Vec<_>>>()?;
            let mut names: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
            names.sort();
            return Ok(json!(names.join(" ")));
        }
        "size" => return Ok(json!(fs::metadata(path)?.len())),
        "make-folder" => fs::create_dir(path)?,
        "remove-folder" => fs::remove_dir(path)?,
        "remove" => fs::remove_file(path)?,
        "rename" => fs::rename(path, word(2))?,
        "hard-link" => fs::hard_link(path, word(2))?,
        #[expect(deprecated, reason = "the newer one is not stable on this target")]
        "soft-link" => fs::soft_link(path, word(2))?,
        // As many new files, each holding a byte, as long as it goes.
        "fill" => {
            for n in 0..number(2) {
                if let Err(error) = fs::write(format!("{path}/{n}"), "x") {
                    return Ok(json!(format!("{n} then {}", name(&error))));
                }
            }
        }
        // As many folders, each in the last.
        "dig" => {
            let mut path = path.to_owned();
            for n in 0..number(2) {
                path.push_str("/d");
                if let Err(error) = fs::create_dir(&path) {
                    return Ok(json!(format!("{n} then {}", name(&error))));
                }
            }
        }
        // Writes a file, takes its name away and keeps it open.
        "hoard" => {
            let mut file = File::create(path)?;
            let written = file.write_all(&vec![b'x'; number(2) as usize]);
            fs::remove_file(path)?;
            held.push(file);
            written?;
        }
        "let-go" => held.clear(),
        // Reads the same path again and again, and says whether it saw anything, and how often not what it should see.
        "read-often" => {
            let (mut seen, mut strange) = (0, 0);
            for text in (0..number(2)).filter_map(|_| fs::read_to_string(path).ok()) {
                seen += 1;
                strange += u64::from(text != word(3));
            }
            return Ok(json!([seen > 0, strange]));
        }
        // Until somebody stops it.
        "spin" => loop {
            std::hint::black_box(());
        },
        "panic" => panic!("this guest panics"),
        verb => return Ok(json!(format!("no verb {verb}"))),
    }
    Ok(json!("done"))
}

/// Writes bytes to a new file of a folder that was given, by both ways there are, and names the host's answers: the C library
/// below Rust's says `io` whatever goes wrong with a stream.
fn write_by_wasi(folder: &str, bytes: u64) -> String {
    let folders = preopens::get_directories();
    let Some((folder, _)) = folders.iter().find(|(_, path)| path == folder) else {
        return "no such folder".to_owned();
    };
    let bytes = vec![b'x'; bytes as usize];
    let opened = folder.open_at(
        PathFlags::empty(),
        "by-wasi",
        OpenFlags::CREATE,
        DescriptorFlags::WRITE,
    );
    let file = match opened {
        Ok(file) => file,
        Err(code) => return code.name().to_owned(),
    };
    let plain = file
        .write(&bytes, 0)
        .map_or_else(|code| code.name(), |_| "done");
    let streamed = file.write_via_stream(0).map(|stream| {
        let written = stream.blocking_write_and_flush(&bytes);
        written.map_or_else(
            |error| match error {
                StreamError::LastOperationFailed(error) => {
                    filesystem_error_code(&error).map_or("no code", |code| code.name())
                }
                StreamError::Closed => "closed",
            },
            |()| "done",
        )
    });
    format!("{plain}, {}", streamed.unwrap_or_else(|code| code.name()))
}

/// What WASI calls an error.
fn name(error: &io::Error) -> String {
    let name = match error.raw_os_error() {
        Some(2) => "access",
        Some(10) => "busy",
        Some(19) => "quota",
        Some(20) => "exist",
        Some(22) => "too-large",
        Some(28) => "invalid",
        Some(29) => "io",
        Some(31) => "is-directory",
        Some(32) => "loop",
        Some(37) => "name-too-long",
        Some(44) => "no-entry",
        Some(48) => "no-memory",
        Some(54) => "not-directory",
        Some(55) => "not-empty",
        Some(63) => "not-permitted",
        Some(69) => "read-only",
        Some(75) => "cross-device",
        Some(76) => "not-capable",
        _ => return error.to_string(),
    };
    name.to_owned()
}

export!(Files: tools);
