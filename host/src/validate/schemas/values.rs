//! Values that stand in a schema, held against it.

use serde_json::Value;

use super::walk::bytes;
use crate::catalogue::schema::ValueCheck;
use crate::contract::JsonObject;
use crate::validate::Code;

pub(super) const UNFIT: &Code = &Code::warning(
    "PC0605",
    "value-does-not-fit",
    "a default, an example or a listed value does not fit its own schema",
    "Clients fill in defaults, and models copy examples; the call is then refused. Mend the value or the schema.",
);

/// Schemas that are compiled to check the values in them, all tools together, and their bytes. Honest plugins have some
/// dozens of them with some thousand bytes.
const COMPILED_MAX: usize = 2_000;
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Values of one schema that are held against it. Each is compared with all there are in an `enum`, and where a hundred fit, so
/// will the others.
pub(super) const VALUES_MAX: usize = 100;

/// What was compiled so far.
#[derive(Default)]
pub(super) struct Compiled {
    n: usize,
    n_bytes: usize,
}

/// A value in a schema that does not fit it, with the keyword it stands under.
pub(super) fn unfit(
    schema: &JsonObject,
    root: &JsonObject,
    compiled: &mut Compiled,
) -> Option<(&'static str, String)> {
    let one = ["default"]
        .into_iter()
        .filter_map(|key| Some((key, schema.get(key)?)));
    let lists = ["examples", "enum"]
        .into_iter()
        .filter_map(|key| Some((key, schema.get(key)?.as_array()?)));
    let each = lists.flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    let mut values = one.chain(each).take(VALUES_MAX).peekable();
    values.peek()?;
    if compiled.n >= COMPILED_MAX || compiled.n_bytes >= COMPILED_BYTES_MAX {
        return None;
    }
    let whole = standing_alone(schema, root);
    compiled.n += 1;
    compiled.n_bytes += bytes(&whole);
    // A reference to a place that is not here any more; the whole schema was compiled before.
    let check = ValueCheck::compile(&whole).ok()?;
    values.find_map(|(key, value)| Some((key, check.check(value).err()?)))
}

/// A schema out of its document, with the definitions it may refer to.
fn standing_alone(schema: &JsonObject, root: &JsonObject) -> Value {
    let mut alone = schema.clone();
    let refers = serde_json::to_string(schema)
        .is_ok_and(|json| json.contains("Ref\"") || json.contains("$ref\""));
    let keys: &[&str] = match refers {
        true => &["$schema", "$defs", "definitions"],
        false => &["$schema"],
    };
    for key in keys {
        if let (Some(value), false) = (root.get(*key), alone.contains_key(*key)) {
            alone.insert((*key).to_owned(), value.clone());
        }
    }
    Value::Object(alone)
}
