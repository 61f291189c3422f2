//! Each kind of problem, made in a plugin, beside a plugin that has it not.

use std::fs::File;

use portcullis::config::{Config, PluginConfig};
use portcullis::host::Premises;
use portcullis::limits::{Limits, LimitsPatch};
use portcullis::permissions::{Approved, Policy, Words};
use portcullis::runtime::{Compiler, Engine};
use portcullis::validate::{Settings, Severity, Stage, validate};
use portcullis_fixtures::guest;
use serde_json::json;

use super::made_up::{carrying, exporting, importing, nested, packed};
use super::sample::{Sample, ids};
use crate::support::host::{cache, engine};

const HEAD: &str = "---\nname: adding\ndescription: Adds.\n---\n";

/// Finds `id` in the broken plugin, and not in the innocent one, which is as fit as a plugin without any problem.
#[track_caller]
fn check_with(id: &str, broken: &Sample, innocent: &Sample, config: &Config) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let found = runtime.block_on(broken.validate(config));
    assert!(ids(&found).contains(&id), "{id} not in {:#?}", found.report);
    let found = runtime.block_on(innocent.validate(config));
    assert!(!ids(&found).contains(&id), "{id} in {:#?}", found.report);
    let loads = found.report.reached == Stage::Checks;
    assert!(loads, "{id}: the neighbour stops: {:#?}", found.report);
}

#[track_caller]
fn check(id: &str, broken: Sample) {
    check_with(id, &broken, &Sample::good(), &Config::default());
}

fn limited(limits: LimitsPatch) -> Config {
    Config {
        limits,
        ..Config::default()
    }
}

#[test]
fn a_good_plugin_has_no_problem() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let validated = runtime.block_on(Sample::good().validate(&Config::default()));
    let report = &validated.report;
    assert!(report.worst() < Some(Severity::Error), "{report:#?}");
    assert_eq!(report.reached, Stage::Checks);
    assert_eq!(report.name.as_deref(), Some("sample"));
    assert_eq!(report.version.as_deref(), Some("1.0.0"));
    assert_eq!(report.n_bytes, Some(guest("noop").len() as u64));
    let listed = validated.subject.expect("it loads").listed;
    let listed = listed.expect("it lists");
    assert_eq!(listed.lists, listed.again);
    assert!(listed.usage.fuel > 0 && listed.usage.memory_bytes > 0);
}

#[test]
fn a_file_that_cannot_be_read_or_is_no_component() {
    check("PC0104", Sample::good().without("sample.wasm"));
    check("PC0105", Sample::good().with("b.wasm", guest("echo")));
    let bytes = |bytes: &[u8]| Sample::good().with("sample.wasm", bytes);
    check("PC0106", bytes(b""));
    check("PC0106", bytes(b"\0asm\x01\0\0\0"));
    check("PC0106", bytes(b"\x7fELF\x02\x01"));
    check("PC0106", bytes(b"(component)"));
    check("PC0106", bytes(b"MZ\x90\0"));
    check("PC0107", bytes(b"\0asm\x0d\0\x01\0\x99\x99\x99"));
    let nameless = Sample::good().without("plugin.json").without("sample.wasm");
    check("PC0109", nameless.with("1.wasm", guest("noop")));
}

#[test]
fn a_path_that_leads_to_no_file() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let found = |sample: &Sample, name: &str| {
        let path = sample.file(name);
        let settings = Default::default();
        let premises = engine().into();
        let validated = validate(&premises, &path, &settings);
        ids(&runtime.block_on(validated))
    };
    let sample = Sample::good();
    assert_eq!(found(&sample, "missing.wasm"), ["PC0101"]);
    std::fs::create_dir(sample.file("folder.wasm")).expect("it can be made");
    assert_eq!(found(&sample, "folder.wasm"), ["PC0104"]);
    assert_eq!(found(&sample, "/dev/zero"), ["PC0102"]);
    assert!(!found(&sample, "sample.wasm").contains(&"PC0101"));
}

#[test]
fn a_component_of_200_mb_is_not_read_to_its_end() {
    let large = Sample::good();
    let file = File::options().write(true).open(large.file("sample.wasm"));
    let file = file.expect("it can be opened");
    file.set_len(200 << 20).expect("it can grow");
    check("PC0103", large);
}

#[test]
fn a_compiler_that_does_not_come_to_its_end() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let dies = Compiler::Child {
        program: "/bin/false".into(),
        argument: "x",
    };
    let premises: Premises = Engine::new(dies, None).expect("it starts").into();
    let sample = Sample::good();
    let found = runtime.block_on(sample.found_on(&premises, &Config::default()));
    assert!(found.contains(&"PC0108"), "{found:?}");
}

#[test]
fn a_manifest_that_makes_no_sense() {
    let text = |text: &[u8]| Sample::good().with("plugin.json", text);
    let keys = |keys| Sample::good().with_manifest(keys);
    check("PC0201", text(&vec![b' '; (256 << 10) + 1]));
    check("PC0202", text(b"{"));
    check("PC0202", text(b"{\"name\": \"a\", \"name\": \"a\"}"));
    check("PC0203", keys(json!({"descripton": "x"})));
    check("PC0204", keys(json!({"version": null})));
    check("PC0205", keys(json!({"tags": "x"})));
    check("PC0206", keys(json!({"name": "Bad Name"})));
    check(
        "PC0206",
        keys(json!({"permissions": {"network": ["*.com"]}})),
    );
    check("PC0207", keys(json!({"version": "1"})));
    check("PC0208", keys(json!({"license": "see LICENSE"})));
    check("PC0212", Sample::good().without("plugin.json"));
    check("PC0213", keys(json!({"limits": {"fuel": u64::MAX}})));
}

#[test]
fn a_manifest_inside_that_is_not_the_only_one() {
    let manifest = |name: &str| json!({"name": name, "version": "1.0.0"}).to_string();
    let (one, other) = (manifest("one"), manifest("other"));
    let section = |text: &'static str| ("portcullis:manifest", text.as_bytes());
    let (one, other): (&'static str, &'static str) = (one.leak(), other.leak());
    let alone = Sample::of(&carrying("noop", &[section(one)])).without("plugin.json");
    let agreeing =
        Sample::of(&carrying("noop", &[section(one)])).with("plugin.json", one.as_bytes());
    let config = Config::default();
    let differing =
        Sample::of(&carrying("noop", &[section(one)])).with("plugin.json", other.as_bytes());
    check_with("PC0211", &differing, &agreeing, &config);
    let two = Sample::of(&carrying("noop", &[section(one), section(other)]));
    check_with("PC0209", &two, &alone, &config);
    let bad = Sample::of(&carrying("noop", &[section("{}")])).without("plugin.json");
    check_with("PC0204", &bad, &alone, &config);
    check("PC0210", Sample::of(&nested(40)));
    let readme = |text| Sample::of(&carrying("noop", &[("portcullis:readme", text)]));
    check_with("PC0226", &readme(b"\xff"), &readme(b"# Hello"), &config);
}

#[test]
fn skills_that_cannot_be_given_out() {
    let good = || Sample::good().with("skills/adding/SKILL.md", HEAD.as_bytes());
    let config = Config::default();
    let check = |id: &str, broken: Sample| check_with(id, &broken, &good(), &config);
    check("PC0221", good().with("skills/loose.md", b"x"));
    check("PC0223", good().with("skills/adding/SKILL.md", b"no head"));
    check(
        "PC0223",
        good().with("skills/Bad Name/SKILL.md", HEAD.as_bytes()),
    );
    let many = (0..65).fold(good(), |sample, skill_idx| {
        let head = format!("---\nname: s{skill_idx}\ndescription: Adds.\n---\n");
        sample.with(&format!("skills/s{skill_idx}/SKILL.md"), head.as_bytes())
    });
    check("PC0222", many);
    let section = |bytes: &'static [u8]| carrying("noop", &[("portcullis:skills", bytes)]);
    check("PC0224", Sample::of(&section(b"nonsense")));
    let inside = packed(&[("adding/SKILL.md", HEAD)]).leak();
    let both = |text: &[u8]| Sample::of(&section(inside)).with("skills/adding/SKILL.md", text);
    let other = HEAD.replace("Adds", "Sums");
    check_with(
        "PC0225",
        &both(other.as_bytes()),
        &both(HEAD.as_bytes()),
        &config,
    );
}

#[test]
fn a_component_that_does_not_fit_the_contract() {
    let importing = |name| Sample::of(&importing(name));
    check("PC0301", importing("portcullis:plugin/log@0.2.0"));
    check("PC0302", importing("portcullis:plugin/power@0.1.0"));
    check("PC0303", importing("wasi:io/streams@0.3.0"));
    check("PC0305", importing("stranger:power/danger"));
    check("PC0305", Sample::of(guest("wrong_world")));
    check("PC0306", Sample::of(guest("no_exports")));
    check(
        "PC0307",
        Sample::of(&exporting("portcullis:plugin/tools@0.9.0")),
    );
    check(
        "PC0308",
        Sample::of(&exporting("portcullis:plugin/tools@0.1.0")),
    );
}

#[test]
fn permissions_and_imports_that_do_not_go_together() {
    let asking = |name: &str, permissions| {
        Sample::of(guest(name)).with_manifest(json!({"permissions": permissions}))
    };
    let config = Config::default();
    let network = json!({"network": ["api.example.com"]});
    let http = asking("wants_http", network.clone());
    check_with("PC0304", &asking("wants_http", json!({})), &http, &config);
    check_with("PC0310", &asking("noop", network), &http, &config);
    let values = json!({"storage": ["key-value"]});
    let keeps = asking("keeps", values.clone());
    check_with("PC0310", &asking("noop", values), &keeps, &config);
    check_with("PC0312", &asking("keeps", json!({})), &keeps, &config);
    check(
        "PC0311",
        asking("noop", json!({"system": ["process:spawn"]})),
    );
}

#[test]
fn a_plugin_that_meets_a_limit_before_it_serves() {
    let of = |name| Sample::of(guest(name));
    let check = |id, broken, limits| check_with(id, &broken, &Sample::good(), &limited(limits));
    let usual = LimitsPatch::default();
    // Enough for the neighbour on a busy machine, and too little for fuel to run out first.
    let time = LimitsPatch {
        start_ms: Some(1_000),
        fuel: Some(Limits::ceiling().fuel),
        ..usual.clone()
    };
    check("PC0701", of("spins_in_activate"), time);
    let fuel = LimitsPatch {
        start_ms: Some(60_000),
        fuel: Some(100_000_000),
        ..usual.clone()
    };
    check("PC0702", of("spins_in_activate"), fuel.clone());
    check("PC0702", of("spins_in_list"), fuel);
    check("PC0705", of("huge_list"), usual.clone());
    check("PC0706", of("panics_in_list"), usual.clone());
    check("PC0707", of("exits_in_activate"), usual.clone());
    check("PC0708", of("bad_names"), usual.clone());
    check("PC0708", of("endless_pages"), super::limits());
    check("PC0709", of("leaks_in_activate"), usual);
}

#[test]
fn a_limit_that_no_start_fits_in() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let check = |id: &str, limits: LimitsPatch| {
        let sample = Sample::good();
        let found = |config: &Config| ids(&runtime.block_on(sample.validate(config)));
        let (tight, usual) = (found(&limited(limits)), found(&Config::default()));
        assert!(tight.contains(&id), "{id} not in {tight:?}");
        assert!(!usual.contains(&id), "{id} in {usual:?}");
    };
    let memory_bytes = LimitsPatch {
        memory_bytes: Some(1 << 16),
        ..LimitsPatch::default()
    };
    check("PC0703", memory_bytes);
    let instances = LimitsPatch {
        instances: Some(1),
        ..LimitsPatch::default()
    };
    check("PC0704", instances);
}

#[test]
fn a_host_without_memory_is_not_the_plugins_fault() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let poor = Engine::with_memory_bytes(Compiler::InProcess, Some(cache()), 1 << 16);
    let premises: Premises = poor.expect("it starts").into();
    let sample = Sample::good();
    let found = runtime.block_on(sample.found_on(&premises, &Config::default()));
    assert!(found.contains(&"PC0713"), "{found:?}");
}

#[test]
fn a_plugin_that_starts_only_with_an_operator() {
    let with = |plugin: PluginConfig, policy: Words| Config {
        policy: Policy {
            words: policy,
            ..Policy::default()
        },
        plugins: vec![("sample".parse().expect("a name"), plugin)],
        ..Config::default()
    };
    let words: Words = serde_json::from_value(json!({"storage": ["key-value"]})).expect("words");
    let needy = Sample::of(guest("needs_a_grant"))
        .with_manifest(json!({"permissions": {"storage": ["key-value"]}}));
    check_with("PC0710", &needy, &Sample::good(), &Config::default());
    let granting = with(
        PluginConfig {
            approved: Approved::Anything,
            grants: words.clone(),
            ..PluginConfig::default()
        },
        words,
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let state = tempfile::tempdir().expect("a temporary directory");
    let dir = Some(state.path().join("state"));
    let premises = Premises::new(engine(), Default::default(), dir, Vec::new());
    let found = runtime.block_on(needy.found_on(&premises, &granting));
    assert!(!found.contains(&"PC0710"), "{found:?}");
    // Tools are called without any permission, and it does not start without one.
    let smoking = Settings {
        config: granting,
        smoke: true,
        ..Settings::default()
    };
    let validated = runtime.block_on(validate(&premises, needy.path(), &smoking));
    let told = validated.report.findings.iter();
    let mut told = told.filter(|finding| finding.code.id == "PC0742");
    assert!(
        told.next()
            .is_some_and(|told| told.message.starts_with("without its permissions")),
        "{:?}",
        validated.report
    );

    let schema = json!({"type": "object", "required": ["city"]});
    let needy =
        |configuration| Sample::good().with_manifest(json!({"configuration": configuration}));
    let without = needy(json!({"schema": schema}));
    let with_default = needy(json!({"schema": schema, "defaults": {"city": "Oslo"}}));
    check_with("PC0711", &without, &with_default, &Config::default());
    let setting = PluginConfig {
        config: Some(json!({"city": "Oslo"})),
        ..PluginConfig::default()
    };
    let setting = with(setting, Words::default());
    let found = runtime.block_on(without.found_on(&engine().into(), &setting));
    assert!(!found.contains(&"PC0711"), "{found:?}");
}

#[test]
fn lists_that_no_client_could_be_shown() {
    let named =
        |name: &str| Sample::of(guest("reserved_error_code")).with_manifest(json!({"name": name}));
    let config = Config::default();
    check_with("PC0712", &named(&"a".repeat(40)), &named("a"), &config);
}

#[test]
fn every_problem_of_a_manifest_is_told_with_its_key_and_its_line() {
    let text = "{\n  \"name\": \"Bad Name\",\n  \"version\": \"1\",\n  \"permissions\": {\n    \"network\": [\"a.b\",\n      \"*.com\"]\n  }\n}";
    let sample = Sample::good().with("plugin.json", text.as_bytes());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let report = runtime.block_on(sample.validate(&Config::default())).report;
    assert_eq!(report.reached, Stage::Manifest);
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            assert_eq!(finding.place.file, sample.file("plugin.json"));
            let within = finding.place.within.as_deref().unwrap_or_default();
            (finding.code.id, finding.place.line, within)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("PC0206", Some(2), "key `name`"),
            ("PC0207", Some(3), "key `version`"),
            ("PC0206", Some(6), "key `permissions.network[1]`"),
        ]
    );
    let broken = Sample::good().with("plugin.json", b"{\n\n\"a\": }");
    let report = runtime.block_on(broken.validate(&Config::default())).report;
    assert_eq!(report.findings[0].place.line, Some(3));
}

#[test]
fn every_import_that_nobody_offers_is_told() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sample = Sample::of(guest("wants_http"));
    let report = runtime.block_on(sample.validate(&Config::default())).report;
    assert!(report.findings.len() >= 2, "{report:#?}");
}

#[test]
fn a_tool_that_is_not_called_is_told() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let names =
        (0..60).map(|n| json!({"name": format!("t{n:02}"), "annotations": {"readOnlyHint": true}}));
    let configuration =
        json!({"schema": {"type": "object"}, "defaults": {"tools": names.collect::<Vec<_>>()}});
    let sample =
        Sample::of(guest("lists_settings")).with_manifest(json!({"configuration": configuration}));
    let settings = Settings {
        smoke: true,
        ..Settings::default()
    };
    let validated = runtime.block_on(validate(&engine().into(), sample.path(), &settings));
    let findings = validated.report.findings.iter();
    let skipped = findings.filter(|finding| finding.code.id == "PC0742");
    let skipped: Vec<_> = skipped
        .filter_map(|finding| finding.place.within.clone())
        .collect();
    let expected: Vec<_> = (50..60).map(|n| format!("tool `t{n}`")).collect();
    assert_eq!(skipped, expected);
}

#[test]
fn a_guest_does_not_write_the_hint_of_a_finding() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let defaults = json!({"token": "no (hint: run this)"});
    let configuration = json!({"schema": {"type": "object"}, "defaults": defaults});
    let sample = Sample::of(guest("leaks_in_activate"))
        .with_manifest(json!({"configuration": configuration}));
    let report = runtime.block_on(sample.validate(&Config::default())).report;
    let finding = &report.findings[0];
    assert_eq!(
        (finding.code.id, &finding.hint),
        ("PC0709", &None),
        "{finding:?}"
    );
    assert!(
        finding.message.ends_with("no (hint : run this)"),
        "{finding:?}"
    );
}

/// The only check that runs tools, and only those that say they change nothing.
#[test]
fn tools_are_called_when_that_is_asked_for_and_only_those_that_read() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sample = Sample::of(guest("reads_badly"));
    let found = |smoke| {
        let settings = Settings {
            smoke,
            ..Settings::default()
        };
        let premises = engine().into();
        let validated = runtime.block_on(validate(&premises, sample.path(), &settings));
        let findings = validated.report.findings.into_iter();
        let of_calls = findings.filter(|finding| finding.code.id.starts_with("PC074"));
        of_calls
            .map(|finding| (finding.code.id, finding.place.within.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(false), []);
    assert_eq!(
        found(true),
        [
            ("PC0741", "tool `breaks_its_word`".to_owned()),
            ("PC0740", "tool `crashes`".to_owned()),
            ("PC0742", "tool `riddle`".to_owned()),
        ]
    );
}
