//! Commands that GitHub reads in the log of a job, and shows beside the code.
//!
//! Whatever is printed there may be a command, so no word of a finding may begin a line: line ends are escaped, and so is what
//! separates the parts of a command.

use std::path::Path;

use super::{location, sentence};
use crate::validate::{Finding, Report, Severity};

/// One command for each finding.
pub fn write(reports: &[Report]) -> String {
    let base = location::base();
    let mut commands = String::new();
    for report in reports {
        for finding in &report.findings {
            commands.push_str(&command(report, finding, &base));
        }
    }
    commands
}

fn command(report: &Report, finding: &Finding, base: &Path) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (file, line) = location::shown(report, finding);
    let file = property(&location::path(file, base));
    let title = property(finding.code.id);
    let message = data(&sentence(finding));
    format!("::{command} file={file},line={line},title={title}::{message}\n")
}

/// What may stand after the command. The runner turns it back.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What may stand as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_the_parts_of_a_command_is_escaped() {
        let check = |text: &str, as_data: &str, as_property: &str| {
            assert_eq!(data(text), as_data);
            assert_eq!(property(text), as_property);
        };
        check("plain", "plain", "plain");
        check("a,b: c::d", "a,b: c::d", "a%2Cb%3A c%3A%3Ad");
        check(
            "x\r\n::error::y",
            "x%0D%0A::error::y",
            "x%0D%0A%3A%3Aerror%3A%3Ay",
        );
        // What is escaped already must not turn into what it stands for.
        check("%0A%3A", "%250A%253A", "%250A%253A");
    }
}
