//! What is kept of a case for later runs.

use crate::trial::cases::{Case, CaseFile};
use crate::trial::report::Complaint;
use crate::trial::{Exchange, Played, Rules, recordings};

/// Keeps what was answered to a case.
pub(super) fn recording(
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
    // An answer that is to be looked at is no complaint: it may be another because of what was recorded.
    if !played.report.complaints.is_empty() {
        let note = format!("`{shown}` is left as it is, since the case failed");
        played.report.notes.push(note);
        return Ok(());
    }
    recordings::write(&path, exchanges)
        .map_err(|error| Complaint::said(format!("`{shown}` cannot be written: {error}")))?;
    let n = exchanges.len();
    played
        .report
        .notes
        .push(format!("recorded {n} exchanges in `{shown}`"));
    Ok(())
}
