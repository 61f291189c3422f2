//! Skills: a plugin ships them, the host gives them out, and no guest has a hand in it.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::config::{Config, PluginConfig};
use portcullis::host::{Host, Installed, install_one};
use portcullis::limits::PAGE_ITEMS;
use portcullis::manifest::Manifest;
use portcullis_fixtures::guest;
use serde_json::{Value, json};

use crate::support::host::{failure, host_of, installed, limits};
use crate::support::program::Home;
use crate::support::wire::{MODERN, Wire};

const HEAD: &str =
    "---\nname: adding\ndescription: How to add.\nmetadata:\n  level: 2\n---\n# Adding\n";

/// The revisions in which everything here is the same.
const REVISIONS: [&str; 2] = ["2025-11-25", MODERN];

/// A folder with one plugin: the guest `noop` under a name, and files.
fn folder(name: &str, files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let manifest = json!({"name": name, "version": "1.0.0"}).to_string();
    fs::write(dir.path().join("plugin.json"), manifest).expect("it can be written");
    fs::write(dir.path().join("noop.wasm"), guest("noop")).expect("it can be written");
    for (path, bytes) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    }
    dir
}

fn load(path: &Path) -> Result<Installed, String> {
    let installed = install_one(&Config::default(), path).map_err(|broken| broken.reason)?;
    Ok(Installed {
        limits: limits(),
        ..installed
    })
}

/// A component with a custom section of skills at its end.
fn with_section(component: &[u8], files: &[(&str, &str)]) -> Vec<u8> {
    let name = b"portcullis:skills";
    let files: serde_json::Map<_, _> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), json!(STANDARD.encode(text))))
        .collect();
    let body = Value::Object(files).to_string();
    let mut section = vec![name.len() as u8];
    section.extend(name);
    section.extend(body.as_bytes());
    let mut bytes = component.to_vec();
    bytes.push(0);
    let mut length = section.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(section);
    bytes
}

fn demo() -> (tempfile::TempDir, Host) {
    let dir = folder(
        "demo",
        &[
            ("skills/adding/SKILL.md", HEAD.as_bytes()),
            ("skills/adding/more/a b.txt", b"words"),
            ("skills/adding/more/pixel.png", b"\x89PNG\0"),
        ],
    );
    let host = host_of([load(dir.path()).expect("it is good"), installed("echo")]);
    (dir, host)
}

#[tokio::test]
async fn a_skill_is_listed_got_and_read_in_both_eras() {
    let (_dir, host) = demo();
    for revision in REVISIONS {
        let mut wire = Wire::open(&host, revision).await;
        let extension =
            &wire.opened["capabilities"]["extensions"]["io.modelcontextprotocol/skills"];
        assert_eq!(*extension, json!({"directoryRead": true}), "{revision}");

        let listed = wire.result("skills/list", json!({})).await;
        let uri = "skill://demo/adding/SKILL.md";
        let skill = &listed["skills"][0];
        assert_eq!(skill["uri"], uri);
        assert_eq!(
            skill["frontmatter"],
            json!({"name": "adding", "description": "How to add.", "metadata": {"level": 2}})
        );
        let files: Vec<_> = skill["resources"]
            .as_array()
            .expect("files")
            .iter()
            .map(|file| {
                (
                    file["uri"].as_str().unwrap_or_default(),
                    file["size"].as_u64(),
                )
            })
            .collect();
        assert_eq!(
            files,
            [
                (uri, Some(HEAD.len() as u64)),
                ("skill://demo/adding/more/a%20b.txt", Some(5)),
                ("skill://demo/adding/more/pixel.png", Some(5)),
            ]
        );
        let got = wire.result("skills/get", json!({"uri": uri})).await;
        assert_eq!(got["skill"], *skill);
        assert_eq!(
            wire.error("skills/get", json!({"uri": "skill://demo/no/SKILL.md"}))
                .await,
            -32602
        );
        assert_eq!(
            wire.error("skills/get", json!({"uri": "echo://hello"}))
                .await,
            -32602
        );

        let read = wire.result("resources/read", json!({"uri": uri})).await;
        assert_eq!(
            read["contents"],
            json!([{"uri": uri, "mimeType": "text/markdown", "text": HEAD}])
        );
        let picture = "skill://demo/adding/more/pixel.png";
        let read = wire.result("resources/read", json!({"uri": picture})).await;
        assert_eq!(read["contents"][0]["blob"], STANDARD.encode(b"\x89PNG\0"));
        assert_eq!(read["contents"][0]["mimeType"], "image/png");

        // The file a skill begins with is a resource like any other, and the others are found through it.
        let listed = wire.result("resources/list", json!({})).await;
        let skills: Vec<_> = listed["resources"]
            .as_array()
            .expect("resources")
            .iter()
            .filter(|it| {
                it["uri"]
                    .as_str()
                    .is_some_and(|uri| uri.starts_with("skill:"))
            })
            .collect();
        assert_eq!(
            skills,
            [&json!({
                "uri": uri, "name": "adding", "description": "How to add.", "mimeType": "text/markdown",
                "size": HEAD.len(),
            })]
        );
    }
}

#[tokio::test]
async fn no_path_leads_out_of_a_skill() {
    let (dir, host) = demo();
    fs::write(dir.path().join("skills/secret"), "secret").expect("it can be written");
    for revision in REVISIONS {
        let mut wire = Wire::open(&host, revision).await;
        for uri in [
            "skill://demo/adding/../../plugin.json",
            "skill://demo/adding/%2e%2e/secret",
            "skill://demo/secret",
            "skill://demo/adding/",
            "skill://echo/adding/SKILL.md",
            "skill:",
        ] {
            let code = wire.error("resources/read", json!({"uri": uri})).await;
            assert!([-32602, -32002].contains(&code), "{uri}: {code}");
        }
        // Read once: what came later is not there.
        let secret = wire
            .error("resources/directory/read", json!({"uri": "skill://demo"}))
            .await;
        assert_eq!(secret, -32602);
    }
}

#[tokio::test]
async fn a_folder_is_read_in_pages_and_only_where_there_is_one() {
    let n_files = PAGE_ITEMS + 5;
    let mut files: Vec<(String, &[u8])> = (0..n_files)
        .map(|n| (format!("skills/adding/many/{n:04}"), &b"x"[..]))
        .collect();
    files.push(("skills/adding/SKILL.md".to_owned(), HEAD.as_bytes()));
    let files: Vec<_> = files
        .iter()
        .map(|(path, bytes)| (&**path, *bytes))
        .collect();
    let dir = folder("demo", &files);
    let host = host_of([load(dir.path()).expect("it is good")]);
    let method = "resources/directory/read";
    for revision in REVISIONS {
        let mut wire = Wire::open(&host, revision).await;
        let root = wire
            .result(method, json!({"uri": "skill://demo/adding"}))
            .await;
        assert_eq!(
            root["resources"][1],
            json!({"uri": "skill://demo/adding/many", "name": "many", "mimeType": "inode/directory"})
        );
        let folder = json!({"uri": "skill://demo/adding/many"});
        let first = wire.result(method, folder.clone()).await;
        let cursor = first["nextCursor"].clone();
        let second = json!({"uri": "skill://demo/adding/many", "cursor": cursor});
        let second = wire.result(method, second).await;
        let names = |page: &Value| {
            let entries = page["resources"].as_array().expect("entries").iter();
            entries
                .map(|it| it["name"].as_str().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        let all = [names(&first), names(&second)].concat();
        assert_eq!(
            all,
            (0..n_files).map(|n| format!("{n:04}")).collect::<Vec<_>>()
        );
        assert!(second["nextCursor"].is_null());

        for bad in [
            json!({"uri": "skill://demo/adding/SKILL.md"}),
            json!({"uri": "skill://demo/nothing"}),
            json!({"uri": "echo://hello"}),
            json!({"uri": "skill://demo/adding/many", "cursor": "made up"}),
            json!({"uri": "skill://demo/adding/many", "cursor": ""}),
        ] {
            assert_eq!(wire.error(method, bad.clone()).await, -32602, "{bad}");
        }
        // A cursor of one list is not one of another.
        assert_eq!(
            wire.error("resources/list", json!({"cursor": cursor}))
                .await,
            -32602
        );
        assert_eq!(
            wire.error("skills/list", json!({"cursor": cursor})).await,
            -32602
        );
    }
}

#[tokio::test]
async fn two_plugins_have_each_their_skill_of_one_name() {
    let files: [(&str, &[u8]); 1] = [("skills/adding/SKILL.md", HEAD.as_bytes())];
    let (one, two) = (folder("one", &files), folder("two", &files));
    let host = host_of([load(one.path()).unwrap(), load(two.path()).unwrap()]);
    let mut wire = Wire::open(&host, MODERN).await;
    let listed = wire.result("skills/list", json!({})).await;
    let uris: Vec<_> = listed["skills"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["uri"])
        .collect();
    assert_eq!(
        uris,
        ["skill://one/adding/SKILL.md", "skill://two/adding/SKILL.md"]
    );
    for key in ["ttlMs", "cacheScope"] {
        assert!(
            !listed[key].is_null(),
            "a modern list says how long it may be kept"
        );
    }
}

#[tokio::test]
async fn a_guest_cannot_claim_what_is_the_hosts() {
    let claiming = |uri: &str| {
        let manifest = json!({
            "name": "verbatim", "version": "1.0.0",
            "configuration": {"schema": {"type": "object"}, "defaults": {}},
        });
        Installed {
            manifest: Manifest::parse(manifest.to_string().as_bytes(), "test").unwrap(),
            settings: PluginConfig {
                config: Some(json!({"uri": uri})),
                ..PluginConfig::default()
            },
            ..installed("verbatim")
        }
    };
    for uri in ["skill://demo/adding/SKILL.md", "SKILL://x/y", "skill:x"] {
        let (_dir, demo) = demo();
        drop(demo);
        let host = host_of([claiming(uri), installed("noop")]);
        let reason = failure(&host, "verbatim")
            .await
            .expect("it is out of service");
        assert!(reason.contains("the host's own"), "{reason}");
        assert_eq!(failure(&host, "noop").await, None);
    }
    let host = host_of([claiming("skills://own")]);
    assert_eq!(failure(&host, "verbatim").await, None);
}

#[test]
fn skills_inside_and_beside_a_component_agree_or_the_plugin_is_not_read() {
    let names = |installed: Result<Installed, String>| {
        installed.map(|it| {
            it.skills
                .iter()
                .map(|skill| skill.name.to_string())
                .collect::<Vec<_>>()
        })
    };
    let component = |dir: &Path, text: &str| -> PathBuf {
        let path = dir.join("noop.wasm");
        let bytes = with_section(guest("noop"), &[("adding/SKILL.md", text)]);
        fs::write(&path, bytes).expect("it can be written");
        path
    };
    // Inside alone.
    let dir = folder("demo", &[]);
    let path = component(dir.path(), HEAD);
    assert_eq!(names(load(&path)), Ok(vec!["adding".to_owned()]));
    // Beside as well, and the same.
    let dir = folder("demo", &[("skills/adding/SKILL.md", HEAD.as_bytes())]);
    component(dir.path(), HEAD);
    assert_eq!(names(load(dir.path())), Ok(vec!["adding".to_owned()]));
    // Beside as well, and changed.
    component(dir.path(), &HEAD.replace("How to add", "How to steal"));
    let reason = names(load(dir.path())).expect_err("they differ");
    assert!(
        reason.contains("differs from the skills in the component"),
        "{reason}"
    );
    // A folder that is not the plugin's: no `plugin.json` says so.
    fs::remove_file(dir.path().join("plugin.json")).expect("it can be removed");
    fs::write(dir.path().join("noop.wasm"), guest("noop")).expect("it can be written");
    assert_eq!(names(load(dir.path())), Ok(vec![]));
    // Broken.
    let dir = folder("demo", &[("skills/adding/SKILL.md", b"no head")]);
    let reason = names(load(dir.path())).expect_err("it is broken");
    assert!(
        reason.contains("skill `adding` its `SKILL.md` does not begin"),
        "{reason}"
    );
}

#[test]
fn the_digest_of_a_plugin_covers_the_skills_in_its_component() {
    let dir = folder("demo", &[]);
    let digest = |text: &str| {
        let bytes = with_section(guest("noop"), &[("adding/SKILL.md", text)]);
        fs::write(dir.path().join("noop.wasm"), bytes).expect("it can be written");
        load(dir.path()).expect("it is good").identity.digest
    };
    assert_ne!(digest(HEAD), digest(&HEAD.replace("How", "Why")));
}

#[test]
fn a_shipped_plugin_brings_a_skill_in_its_component() {
    let listed = Home::new().run(&["list", "--json"]);
    assert!(
        listed.stdout.contains("skill://text/exact-text/SKILL.md"),
        "{listed:?}"
    );
}
