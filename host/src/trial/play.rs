//! Playing cases: each on a stage of its own, several at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::answer::Answer;
use super::cases::{Asks, Case, CaseFile, Folder, Step};
use super::judge::{self, Ended};
use super::report::{CaseReport, Complaint, StepReport};
use super::{Asked, Called, Conditions, Exchange, Reach, Stage, TrialError, recordings, snapshots};
use crate::catalogue::Catalogue;
use crate::config::Directory;
use crate::limits::LimitsPatch;
use crate::manifest::{Source, nearest};
use crate::runtime::Engine;

/// How cases are played.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Whether a call that takes longer than its budget fails its case.
    pub is_time_strict: bool,
    /// Which cases are recorded anew: those with `record = true` whose names contain this, and those whose names contain it
    /// when it is not empty. None: none.
    pub record: Option<String>,
    /// Whether files may be written: a job only looks.
    pub may_write: bool,
    /// Limits on top of those of every case.
    pub limits: LimitsPatch,
}

impl Rules {
    fn records(&self, case: &Case) -> bool {
        match self.record.as_deref() {
            None => false,
            Some("") => case.record,
            Some(wanted) => case.name.contains(wanted),
        }
    }
}

/// What is played, and on what.
#[derive(Clone)]
pub struct Ensemble {
    /// The engine.
    pub engine: Engine,
    /// The plugin.
    pub source: Arc<Source>,
    /// The case files.
    pub files: Arc<Vec<CaseFile>>,
}

/// A case by its file and its place in it.
pub type CaseIdx = (usize, usize);

/// A case that was played.
#[derive(Clone)]
pub struct Played {
    /// What came of it.
    pub report: CaseReport,
    /// What the plugin offered.
    pub catalogue: Option<Arc<Catalogue>>,
    /// What was called.
    pub called: Vec<Asks>,
}

impl Ensemble {
    /// The cases whose names contain `filter`, in the order of their files.
    pub fn choose(&self, filter: &str) -> Vec<CaseIdx> {
        let files = self.files.iter().enumerate();
        let all = files.flat_map(|(file_idx, file)| {
            let cases = file.cases.iter().enumerate();
            cases.map(move |(case_idx, case)| ((file_idx, case_idx), case))
        });
        all.filter(|(_, case)| case.name.contains(filter))
            .map(|(idx, _)| idx)
            .collect()
    }

    fn case(&self, (file_idx, case_idx): CaseIdx) -> Option<(&CaseFile, &Case)> {
        let file = self.files.get(file_idx)?;
        Some((file, file.cases.get(case_idx)?))
    }

    /// Plays some cases, `n_at_once` at a time, and tells of each when it is over. Gives those that were played, in order.
    /// Whoever drops the future leaves out the rest.
    pub async fn play_all(
        &self,
        wanted: &[CaseIdx],
        rules: &Rules,
        n_at_once: usize,
        mut done: impl FnMut(CaseIdx, Played),
    ) {
        let mut waiting = wanted.iter().copied();
        let mut playing = JoinSet::new();
        loop {
            while playing.len() < n_at_once.max(1)
                && let Some(idx) = waiting.next()
            {
                let (ensemble, rules) = (self.clone(), rules.clone());
                let runtime = Handle::current();
                // A thread for each: what computes in one case holds up no other, nor whoever waits here.
                playing.spawn_blocking(move || (idx, runtime.block_on(ensemble.play(idx, &rules))));
            }
            match playing.join_next().await {
                None => break,
                Some(Ok((idx, Some(played)))) => done(idx, played),
                // A case that is not there was not asked for; a panic is told by the hook, and costs its case alone.
                Some(Ok((_, None)) | Err(_)) => {}
            }
        }
    }

    /// Plays one case.
    pub async fn play(&self, idx: CaseIdx, rules: &Rules) -> Option<Played> {
        let (file, case) = self.case(idx)?;
        let begun = Instant::now();
        let mut played = Played {
            report: CaseReport {
                file: file.path.clone(),
                line: case.line,
                name: case.name.clone(),
                complaints: Vec::new(),
                notes: Vec::new(),
                snapshots: Vec::new(),
                ms: 0,
                steps: Vec::new(),
            },
            catalogue: None,
            called: Vec::new(),
        };
        if let Err(complaint) = self.play_steps(file, case, rules, &mut played).await {
            played.report.complaints.push(complaint);
        }
        played.report.ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Some(played)
    }

    async fn play_steps(
        &self,
        file: &CaseFile,
        case: &Case,
        rules: &Rules,
        played: &mut Played,
    ) -> Result<(), Complaint> {
        let is_recorded = rules.records(case);
        let mut conditions = case.conditions.clone();
        for (name, value) in rules.limits.entries() {
            lower(&mut conditions.limits, name, value);
        }
        if is_recorded {
            use_true_secrets(case, &mut conditions)?;
        }
        conditions.reach = reach(file, case, is_recorded)?;
        // The folders are gone with this.
        let folders = make_folders(&case.folders)?;
        if let Some(folders) = &folders {
            conditions.directories = directories(&case.folders, folders.path());
        }
        let source = Source::clone(&self.source);
        let mut stage = match Stage::set(&self.engine, source, &conditions).await {
            Ok(stage) => stage,
            Err(error) => return not_set(case, error, played),
        };
        let catalogue = stage.catalogue().await;
        played.catalogue = Some(catalogue.clone());
        let mut exchanges = Vec::new();
        for (idx, step) in case.steps.iter().enumerate() {
            if let Some(complaint) = unknown(&catalogue, &step.asks) {
                played
                    .report
                    .complaints
                    .push(numbered(case, idx, complaint));
                break;
            }
            let called = call(&mut stage, step).await;
            played.called.push(step.asks.clone());
            exchanges.extend(called.exchanges.iter().cloned());
            judge_step(file, case, idx, &stage, called, rules, played).await;
        }
        if is_recorded {
            keep_recording(file, case, &exchanges, rules, played)?;
        }
        Ok(())
    }
}

/// A plugin that does not start has failed as well, and that may be what is expected.
fn not_set(case: &Case, error: TrialError, played: &mut Played) -> Result<(), Complaint> {
    let error = error.to_string();
    let Some(first) = case
        .steps
        .first()
        .filter(|first| first.expect.fails.is_some())
    else {
        return Err(Complaint::said(error));
    };
    let complaints = judge::ending(&first.expect, &Ended::Failed(error));
    played.report.complaints.extend(complaints);
    Ok(())
}

/// A name that the plugin does not offer is a slip of the case, and says so before anything is called.
fn unknown(catalogue: &Catalogue, asks: &Asks) -> Option<Complaint> {
    let (kind, wanted, known): (_, _, Vec<&str>) = match asks {
        Asks::Resource(_) => return None,
        Asks::Tool { name, .. } => {
            let tools = catalogue.tools().iter();
            (
                "tool",
                name,
                tools.map(|tool| tool.item.name.as_str()).collect(),
            )
        }
        Asks::Prompt { name, .. } => {
            let prompts = catalogue.prompts().iter();
            (
                "prompt",
                name,
                prompts.map(|prompt| prompt.item.name.as_str()).collect(),
            )
        }
    };
    if known.contains(&wanted.as_str()) {
        return None;
    }
    let hint = match nearest(wanted, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => format!("it has no {kind} at all"),
        None => format!("it has {}", known.join(", ")),
    };
    Some(Complaint::said(format!("the plugin has no {kind} `{wanted}`")).hint(hint))
}

fn numbered(case: &Case, idx: usize, complaint: Complaint) -> Complaint {
    Complaint {
        step: (case.steps.len() > 1).then_some(idx + 1),
        ..complaint
    }
}

/// Calls what a step asks for.
async fn call(stage: &mut Stage, step: &Step) -> Called<Answer> {
    fn answered<T: Into<Answer>>(called: Called<T>) -> Called<Answer> {
        Called {
            answer: called.answer.map(|asked| match asked {
                Asked::Answer(answer) => Asked::Answer(answer.into()),
                Asked::Questions(questions) => Asked::Questions(questions),
            }),
            usage: called.usage,
            n_rounds: called.n_rounds,
            tried: called.tried,
            log: called.log,
            events: called.events,
            exchanges: called.exchanges,
            unmatched: called.unmatched,
            is_cut: called.is_cut,
        }
    }
    stage.answers = step.answers.clone();
    match &step.asks {
        Asks::Tool { name, arguments } => answered(stage.call_tool(name, arguments.clone()).await),
        Asks::Resource(uri) => answered(stage.read_resource(uri).await),
        Asks::Prompt { name, arguments } => {
            answered(stage.get_prompt(name, arguments.clone()).await)
        }
    }
}

async fn judge_step(
    file: &CaseFile,
    case: &Case,
    idx: usize,
    stage: &Stage,
    called: Called<Answer>,
    rules: &Rules,
    played: &mut Played,
) {
    let Some(step) = case.steps.get(idx) else {
        return;
    };
    let expect = &step.expect;
    let ended = match called.answer {
        Ok(Asked::Answer(answer)) => Ended::Answer(answer),
        Ok(Asked::Questions(questions)) => Ended::Questions(questions),
        Err(words) => Ended::Failed(words),
    };
    let mut complaints = judge::ending(expect, &ended);
    complaints.extend(judge::tried(expect, &called.tried));
    complaints.extend(judge::log(expect, &called.log));
    for (key, matcher) in &expect.values {
        let value = stage.value(key).await;
        let value = value.map_err(|error| error.to_string());
        let value =
            value.map(|value| value.map(|value| String::from_utf8_lossy(&value).into_owned()));
        complaints.extend(judge::value(key, matcher.as_ref(), value));
    }
    // Without an answer from the script the plugin may still do well: that is for the case to say.
    complaints.extend(called.unmatched.into_iter().map(Complaint::said));
    let (over, late) = judge::budget(&step.budget, &called.usage, rules.is_time_strict);
    complaints.extend(over);
    let report = &mut played.report;
    if let (true, Ended::Answer(answer)) = (expect.snapshot, &ended) {
        let path = snapshots::snapshot_path(file, case, idx);
        match snapshots::compare(&path, &answer.whole) {
            Ok(Some(change)) => report.snapshots.push((idx, change)),
            Ok(None) if rules.may_write => {
                if let Err(error) = snapshots::settle(&path) {
                    report.notes.push(format!(
                        "a proposal beside `{}` cannot be removed: {error}",
                        path.display()
                    ));
                }
            }
            Ok(None) => {}
            Err(error) => complaints.push(Complaint::said(format!(
                "`{}` cannot be read: {error}",
                path.display()
            ))),
        }
    }
    report.notes.extend(late);
    report.complaints.extend(
        complaints
            .into_iter()
            .map(|complaint| numbered(case, idx, complaint)),
    );
    let attempts = |is_permitted: bool| {
        let some = called
            .tried
            .iter()
            .filter(|tried| tried.is_permitted == is_permitted);
        some.map(|tried| tried.attempt.to_string()).collect()
    };
    report.steps.push(StepReport {
        call: step.asks.to_string(),
        usage: called.usage,
        permitted: attempts(true),
        refused: attempts(false),
        requests: called
            .exchanges
            .iter()
            .map(|exchange| format!("{} {} → {}", exchange.method, exchange.url, exchange.status))
            .collect(),
        log: called.log,
    });
}

/// Who answers the plugin's requests: what the case says, and its recording.
fn reach(file: &CaseFile, case: &Case, is_recorded: bool) -> Result<Reach, Complaint> {
    if is_recorded {
        if case.conditions.allow.network.is_empty() {
            return Err(Complaint::said(
                "there is nothing to record, since no request is permitted",
            )
            .hint("write whom it may talk to under `allow.network`"));
        }
        return Ok(Reach::Recorded);
    }
    let path = recordings::recording_path(file, case);
    let recorded = recordings::read(&path).map_err(Complaint::said)?;
    match (recorded, &case.conditions.reach) {
        (None, _) if case.record => Err(Complaint::said(format!(
            "`{}` is not there yet",
            path.display()
        ))
        .hint("`portcullis test --record` runs the case against the true network and writes it")),
        (None, reach) => Ok(reach.clone()),
        // What the case itself says comes first.
        (Some(recorded), Reach::Script(own)) => Ok(Reach::Script([own.clone(), recorded].concat())),
        (Some(recorded), _) => Ok(Reach::Script(recorded)),
    }
}

/// Puts true secrets where pretended ones stand, as far as the case names variables for them.
fn use_true_secrets(case: &Case, conditions: &mut Conditions) -> Result<(), Complaint> {
    for (name, variable) in &case.recorded_with {
        let Ok(value) = std::env::var(variable) else {
            return Err(Complaint::said(format!(
                "secret `{name}` is to be recorded with, and the variable `{variable}` is not set"
            ))
            .hint("set it, or leave out `record-env`"));
        };
        if let Some(secret) = conditions.secrets.get_mut(name) {
            secret.value = value;
        }
    }
    Ok(())
}

fn keep_recording(
    file: &CaseFile,
    case: &Case,
    exchanges: &[Exchange],
    rules: &Rules,
    played: &mut Played,
) -> Result<(), Complaint> {
    if exchanges.is_empty() {
        return Err(Complaint::said(
            "nothing was recorded, since no request was answered",
        ));
    }
    if !rules.may_write {
        return Ok(());
    }
    let path = recordings::recording_path(file, case);
    let shown = path.display();
    recordings::write(&path, exchanges)
        .map_err(|error| Complaint::said(format!("`{shown}` cannot be written: {error}")))?;
    let n = exchanges.len();
    played
        .report
        .notes
        .push(format!("recorded {n} exchanges in `{shown}`"));
    Ok(())
}

/// Makes the folders of a case, in one that is gone with what this gives. None when it has none.
fn make_folders(
    folders: &BTreeMap<String, Folder>,
) -> Result<Option<tempfile::TempDir>, Complaint> {
    if folders.is_empty() {
        return Ok(None);
    }
    let made = || -> std::io::Result<tempfile::TempDir> {
        let root = tempfile::tempdir()?;
        for (name, folder) in folders {
            let top = root.path().join(name);
            std::fs::create_dir(&top)?;
            for (path, text) in &folder.files {
                let path = top.join(path);
                std::fs::create_dir_all(path.parent().unwrap_or(&top))?;
                std::fs::write(path, text)?;
            }
        }
        Ok(root)
    };
    made().map(Some).map_err(|error| {
        Complaint::said(format!("the folders of the case cannot be made: {error}"))
    })
}

fn directories(folders: &BTreeMap<String, Folder>, root: &Path) -> Vec<Directory> {
    let directory = |(name, folder): (&String, &Folder)| Directory {
        name: name.clone(),
        path: root.join(name),
        write: folder.write,
    };
    folders.iter().map(directory).collect()
}

/// Lowers one limit.
fn lower(limits: &mut LimitsPatch, name: &str, value: u64) {
    let mut entries: serde_json::Map<_, _> = limits
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let own = entries.get(name).and_then(serde_json::Value::as_u64);
    entries.insert(name.to_owned(), own.unwrap_or(value).min(value).into());
    *limits = serde_json::from_value(serde_json::Value::Object(entries))
        .expect("these are keys of limits, with whole numbers");
}
