//! Schemas of arguments and answers. That an input schema can be used at all, the loader has seen to.

mod answers;
mod arguments;
mod parts;
mod size;
#[cfg(test)]
mod tests;
mod values;
mod walk;

use self::values::Compiled;
use self::walk::Part;
use super::{Code, Findings, Subject};

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[
    *answers::OUTPUT,
    *parts::UNKNOWN_REQUIRED,
    *arguments::UNTYPED,
    *arguments::OPEN,
    *values::UNFIT,
    *arguments::COMBINED,
    *parts::DIALECT,
    *parts::SLOW,
    *parts::FOREIGN,
    *size::LARGE,
    *size::DEEP,
    *answers::NOT_OBJECT,
    *arguments::SECRET_HEADER,
    *arguments::RARE,
];

/// Looks at the schemas.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let Some(listed) = &subject.listed else {
        return;
    };
    let mut compiled = Compiled::default();
    for tool in &listed.lists.tools {
        let within = format!("tool `{}`", tool.name);
        arguments::check(tool, &within, findings);
        size::check(tool, &within, findings);
        let input = Part {
            name: "input schema",
            root: &tool.input_schema,
        };
        parts::check(input, &within, &mut compiled, findings);
        if let Some(schema) = &tool.output_schema {
            answers::check(schema, &within, findings);
            if let Some(root) = schema.as_object() {
                parts::check(
                    Part {
                        name: "output schema",
                        root,
                    },
                    &within,
                    &mut compiled,
                    findings,
                );
            }
        }
    }
}
