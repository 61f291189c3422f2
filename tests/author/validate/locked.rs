//! A plugin held against what was written down of it.

use portcullis::config::{Config, Lock, LockedPlugin};
use portcullis::validate::{Settings, locked, validate};
use portcullis_fixtures::guest;
use serde_json::json;

use super::sample::{Sample, ids};
use crate::support::host::engine;

/// What a lock file says of a sample.
async fn written(sample: &Sample) -> LockedPlugin {
    let validated = sample.validate(&Config::default()).await;
    let subject = validated.subject.expect("it loads");
    locked(&subject, "sample".to_owned()).expect("it lists")
}

/// The ids of the lock file's family, and the sentences.
async fn against(lock: Lock, sample: &Sample) -> (Vec<&'static str>, String) {
    let settings = Settings {
        lock: Some(lock),
        ..Settings::default()
    };
    let validated = validate(&engine().into(), sample.path(), &settings).await;
    let ids = ids(&validated).into_iter();
    let findings = validated.report.findings.iter();
    let sentences = findings.map(|finding| finding.message.clone());
    (
        ids.filter(|id| id.starts_with("PC09")).collect(),
        sentences.collect::<Vec<_>>().join("\n"),
    )
}

#[tokio::test]
async fn what_was_locked_is_as_it_was() {
    let sample = Sample::of(guest("echo")).without("plugin.json");
    let lock = Lock::of([written(&sample).await]);
    let text = lock.to_text().expect("it can be written");
    assert_eq!(against(lock, &sample).await.0, [""; 0]);
    let again = Lock::of([written(&sample).await]);
    assert_eq!(again.to_text().as_ref(), Ok(&text));
}

#[tokio::test]
async fn each_difference_is_told_by_what_differs() {
    let sample = Sample::of(guest("echo")).without("plugin.json");
    let check = async |change: &dyn Fn(&mut LockedPlugin), expected: &str, sentence: &str| {
        let mut before = written(&sample).await;
        change(&mut before);
        let (found, sentences) = against(Lock::of([before]), &sample).await;
        assert_eq!(found, [expected], "{sentences}");
        assert!(sentences.contains(sentence), "{sentences}");
    };
    let other = written(&Sample::good()).await;
    let other_digest = other.digest;
    check(
        &|before| before.digest = other_digest,
        "PC0902",
        "version 0.1.0 under both",
    )
    .await;
    check(
        &|before| before.permissions.network.clear(),
        "PC0903",
        "it asks for network `api.example.com`",
    )
    .await;
    check(
        &|before| {
            before.tools.remove("echo");
        },
        "PC0904",
        "tool `echo` was not offered",
    )
    .await;
    check(
        &|before| {
            before.resources.clear();
        },
        "PC0904",
        "resource `echo://hello` was not offered",
    )
    .await;
    let print = other.tools["ping"];
    check(
        &|before| {
            before.prompts.insert("gone".to_owned(), print);
        },
        "PC0905",
        "prompt `gone` was offered",
    )
    .await;
    check(
        &|before| {
            let echo = before.tools.get_mut("echo").expect("it is there");
            echo.description = other_digest;
        },
        "PC0906",
        "tool `echo` changed since it was locked: its description",
    )
    .await;
    check(
        &|before| {
            let echo = before.tools.get_mut("echo").expect("it is there");
            (echo.schema, echo.rest) = (other_digest, other_digest);
        },
        "PC0906",
        "its schema, its annotations or other details",
    )
    .await;
}

#[tokio::test]
async fn a_plugin_that_nobody_wrote_down_is_told_and_fewer_permissions_are_not() {
    let sample = Sample::good();
    let (found, _) = against(Lock::default(), &sample).await;
    assert_eq!(found, ["PC0901"]);
    let wide = Sample::good().with_manifest(json!({"permissions": {"network": ["a.example.com"]}}));
    let lock = Lock::of([written(&wide).await]);
    assert_eq!(against(lock, &sample).await.0, [""; 0]);
}

#[tokio::test]
async fn what_lies_beside_the_component_and_reaches_a_model_is_locked_with_it() {
    const SKILL: &str = "---\nname: lend\ndescription: Lends a book. Use it when somebody wants one.\n---\nLend it.\n";
    let sample = || {
        Sample::good()
            .with_manifest(json!({"instructions": "Ask before you lend."}))
            .with("skills/lend/SKILL.md", SKILL.as_bytes())
            .with("skills/lend/more.md", b"More.")
    };
    let before = written(&sample()).await;
    let check = async |sample: Sample, expected: &[&str], sentence: &str| {
        let (found, sentences) = against(Lock::of([before.clone()]), &sample).await;
        assert_eq!(found, expected, "{sentences}");
        assert!(sentences.contains(sentence), "{sentences}");
    };
    check(sample(), &[], "").await;
    check(
        sample().with_manifest(json!({"instructions": "Lend to nobody."})),
        &["PC0906"],
        "the manifest changed since it was locked: its title, description or instructions",
    )
    .await;
    check(
        sample().with_manifest(json!({"tags": ["books"]})),
        &["PC0906"],
        "another of its keys",
    )
    .await;
    check(
        sample().with(
            "skills/lend/SKILL.md",
            SKILL.replace("Lend it", "Sell it").as_bytes(),
        ),
        &["PC0906"],
        "skill `lend/SKILL.md` changed since it was locked",
    )
    .await;
    check(
        sample().with("skills/lend/new.md", b"New."),
        &["PC0904"],
        "skill `lend/new.md` was not offered",
    )
    .await;
    check(
        sample().without("skills/lend/more.md"),
        &["PC0905"],
        "skill `lend/more.md` was offered",
    )
    .await;
    // A file from before manifests were locked vouches for none.
    let older = LockedPlugin {
        manifest: None,
        ..before.clone()
    };
    let (found, sentences) = against(Lock::of([older]), &sample()).await;
    assert_eq!(found, ["PC0906"], "{sentences}");
}
