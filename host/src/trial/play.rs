//! Playing cases: each on a stage of its own, several at a time.

mod keep;
mod props;
mod verdict;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::props::Props;
use super::Stage;
use super::cases::{Asks, Case, CaseFile};
use super::report::{CaseReport, Complaint};
use crate::catalogue::Catalogue;
use crate::limits::LimitsPatch;
use crate::manifest::Source;
use crate::runtime::Engine;

/// How cases are played.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Whether a call that takes longer than its budget fails its case.
    pub is_time_strict: bool,
    /// Which cases are recorded anew: those with `record = true` whose names contain this. None: none.
    pub record: Option<String>,
    /// Whether files may be written: a job only looks.
    pub may_write: bool,
    /// Limits on top of those of every case.
    pub limits: LimitsPatch,
}

impl Rules {
    fn records(&self, case: &Case) -> bool {
        let wanted = self.record.as_deref();
        case.record && wanted.is_some_and(|wanted| case.name.contains(wanted))
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
    /// What was called, as far as the plugin was reached.
    pub called: Vec<Asks>,
}

impl Played {
    fn new(file: &CaseFile, case: &Case) -> Self {
        Self {
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
        }
    }
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

    /// Those of some cases that are recorded under these rules.
    pub fn recorded(&self, wanted: &[CaseIdx], rules: &Rules) -> Vec<CaseIdx> {
        let is_recorded = |idx: &&CaseIdx| {
            let case = self.case(**idx);
            case.is_some_and(|(_, case)| rules.records(case))
        };
        wanted.iter().filter(is_recorded).copied().collect()
    }

    /// A case's file and name.
    pub fn name(&self, idx: CaseIdx) -> Option<(PathBuf, String)> {
        let (file, case) = self.case(idx)?;
        Some((file.path.clone(), case.name.clone()))
    }

    fn case(&self, (file_idx, case_idx): CaseIdx) -> Option<(&CaseFile, &Case)> {
        let file = self.files.get(file_idx)?;
        Some((file, file.cases.get(case_idx)?))
    }

    /// Plays some cases, `n_at_once` at a time, and tells of each when it is over. When `stop` fires, the cases under way are
    /// broken off and the rest is left out; when this ends, what they made in the temporary folder is gone.
    pub async fn play_all(
        &self,
        wanted: &[CaseIdx],
        rules: &Rules,
        n_at_once: usize,
        stop: &CancellationToken,
        mut done: impl FnMut(CaseIdx, Played),
    ) {
        let mut waiting = wanted.iter().copied();
        let mut playing = JoinSet::new();
        let mut known = HashMap::new();
        loop {
            while playing.len() < n_at_once.max(1)
                && !stop.is_cancelled()
                && let Some(idx) = waiting.next()
            {
                let (ensemble, rules, stop) = (self.clone(), rules.clone(), stop.clone());
                let runtime = Handle::current();
                let play = async move {
                    tokio::select! {
                        played = ensemble.play(idx, &rules) => played,
                        () = stop.cancelled() => None,
                    }
                };
                // A thread for each: what computes in one case holds up no other, nor whoever waits here.
                let begun = playing.spawn_blocking(move || runtime.block_on(play));
                known.insert(begun.id(), idx);
            }
            let (id, played) = match playing.join_next_with_id().await {
                None => break,
                Some(Ok((id, played))) => (id, played),
                // A panic is a fault of this program. It costs its case, which has not passed.
                Some(Err(error)) => (error.id(), None),
            };
            let Some(idx) = known.remove(&id) else {
                continue;
            };
            // What was broken off since somebody said so is nobody's fault.
            let fault = || match stop.is_cancelled() {
                true => None,
                false => self.broken_off(idx),
            };
            if let Some(played) = played.or_else(fault) {
                done(idx, played);
            }
        }
    }

    /// A case that this program failed to play.
    fn broken_off(&self, idx: CaseIdx) -> Option<Played> {
        let (file, case) = self.case(idx)?;
        let mut played = Played::new(file, case);
        played.report.complaints.push(
            Complaint::said("portcullis itself failed while it played this case")
                .hint("please report it, with what is on standard error"),
        );
        Some(played)
    }

    /// Plays one case.
    pub async fn play(&self, idx: CaseIdx, rules: &Rules) -> Option<Played> {
        let (file, case) = self.case(idx)?;
        let begun = Instant::now();
        let mut played = Played::new(file, case);
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
        let props = Props::make(file, case, is_recorded, &rules.limits)?;
        let source = Source::clone(&self.source);
        let stage = match Stage::set(&self.engine, source, &props.conditions).await {
            Ok(stage) => stage,
            Err(error) => return verdict::not_set(case, error, played),
        };
        let catalogue = stage.catalogue().await;
        played.catalogue = Some(catalogue.clone());
        let mut exchanges = stage.started().exchanges.clone();
        for (idx, step) in case.steps.iter().enumerate() {
            if let Some(complaint) = verdict::unknown(&catalogue, &step.asks) {
                let complaint = verdict::numbered(case, idx, complaint);
                played.report.complaints.push(complaint);
                break;
            }
            let called = stage.ask(&step.asks, &step.answers).await;
            // What is turned away at the door tells nothing of the plugin.
            if called.meanwhile.n_rounds > 0 {
                played.called.push(step.asks.clone());
            }
            exchanges.extend(called.meanwhile.exchanges.iter().cloned());
            verdict::judge(file, case, idx, &stage, called, rules, played).await;
        }
        let ended = stage.close().await;
        verdict::farewell(case, &ended, played);
        exchanges.extend(ended.exchanges);
        if is_recorded {
            keep::recording(file, case, &exchanges, rules, played)?;
        }
        Ok(())
    }
}
