//! What checking against a schema can cost, counted on the schema alone.
//!
//! A schema is a graph: from one schema others apply to the *same* value (`allOf`, `$ref`, `if`, …) or to a value
//! *inside* it (`properties`, `items`, …). Three numbers bound a check. The *visits* are the schemas that are applied along
//! one way from the root of the arguments to a leaf; they bound how many problems there can be. The *work* is the same
//! with patterns counted for what they cost; it bounds the time. The *steps* are the schemas on one way through the
//! graph; they bound the stack. All grow with the depth of the arguments, and recursion that branches makes the visits
//! grow exponentially: so they are computed for every depth there can be, and a check looks its own depth up.
//!
//! Keywords of all dialects are followed at once. That counts too much at worst, and never too little.

use std::collections::HashMap;

use jsonschema::{Draft, ReferencingError, Registry, RegistryBuilder, uri};
use serde_json::{Map, Value};

use super::SchemaError;
use super::problems::{cut, shortened};
use crate::limits::JSON_DEPTH_MAX;

/// Visits to one value. A union of a thousand alternatives has some thousands.
pub(super) const VISITS_MAX: u64 = 20_000;

/// Schemas within each other on one value. Honest ones have less than ten.
pub(super) const CHAIN_MAX: u64 = 64;

/// Patterns in one schema; each may take some hundred kilobytes when compiled.
pub(super) const PATTERNS_MAX: u64 = 64;

/// Work in one check: mostly microseconds, and some seconds for patterns made to be slow on long texts (measured).
const CHECK_WORK_MAX: u64 = 50_000_000;

/// Work that takes about a millisecond at worst, by the same measurement.
const QUICK_WORK_MAX: u64 = 20_000;

/// Visits in a check that lists what does not fit: each visit may leave an entry of half a kilobyte.
const REPORT_VISITS_MAX: u64 = 100_000;

/// Steps in one check. A step takes about a kilobyte of stack in a build without optimisation, and a thread has 2 MB.
const STEPS_MAX: u64 = 600;

/// What a pattern costs for one value, where any other schema costs 1: its worst case is that much slower.
const PATTERN_WORK: u64 = 1_000;

/// How often `unevaluated…` goes through the schemas beside it: to check them, and to find what they looked at.
const UNEVALUATED_FACTOR: u64 = 3;

/// Bytes of text that count as much as one value; only patterns look at every one of them.
const TEXT_BYTES_PER_VALUE: u64 = 8;

/// How large some JSON is.
pub(super) struct Size {
    /// Levels below the root.
    depth: usize,
    /// Values, containers among them.
    values: u64,
    /// Bytes of all texts and keys.
    text_bytes: u64,
}

impl Size {
    /// Measures a value, unless it nests deeper than [`JSON_DEPTH_MAX`].
    pub(super) fn of(value: &Value) -> Option<Self> {
        let mut size = Self {
            depth: 0,
            values: 0,
            text_bytes: 0,
        };
        size.add(value, 0)?;
        Some(size)
    }

    fn add(&mut self, value: &Value, depth: usize) -> Option<()> {
        if depth > JSON_DEPTH_MAX {
            return None;
        }
        self.depth = self.depth.max(depth);
        self.values += 1;
        match value {
            Value::String(text) => self.text_bytes += text.len() as u64,
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| self.add(item, depth + 1))?,
            Value::Object(members) => members.iter().try_for_each(|(key, member)| {
                self.text_bytes += key.len() as u64;
                self.add(member, depth + 1)
            })?,
            _ => {}
        }
        Some(())
    }
}

/// What one way through the arguments can cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    visits: u64,
    work: u64,
    steps: u64,
}

/// The cost of a schema for arguments of each depth, from flat to the deepest. The last one is good for all beyond it.
#[derive(Debug)]
pub(super) struct Effort(Vec<Cost>);

impl Effort {
    /// Counts.
    ///
    /// # Errors
    /// When a reference has no target here, or when the count is above what any arguments should cost.
    pub(super) fn of(schema: &Value, draft: Draft) -> Result<Self, SchemaError> {
        let registry = Registry::new()
            .draft(draft)
            .retriever(Nowhere)
            .add(DOCUMENT, schema)
            .and_then(RegistryBuilder::prepare)
            .map_err(unresolved)?;
        let graph = Graph::of(schema, &registry)?;
        let order = graph.order()?;
        let mut costs = graph.costs(&order, None);
        if costs.iter().any(|cost| cost.visits > VISITS_MAX) {
            return Err(SchemaError::TooMuch);
        }
        if costs.iter().any(|cost| cost.steps > CHAIN_MAX) {
            return Err(SchemaError::TooLong);
        }
        let mut by_depth = vec![costs[ROOT]];
        while by_depth.len() <= JSON_DEPTH_MAX {
            let deeper = graph.costs(&order, Some(&costs));
            if deeper == costs {
                break;
            }
            costs = deeper;
            by_depth.push(costs[ROOT]);
        }
        Ok(Self(by_depth))
    }

    /// Whether arguments of this size can be checked at all.
    pub(super) fn allows_check(&self, size: &Size) -> bool {
        self.at(size).steps <= STEPS_MAX && self.work(size) <= CHECK_WORK_MAX
    }

    /// Whether a check of arguments of this size keeps no thread from its other tasks.
    pub(super) fn is_quick(&self, size: &Size) -> bool {
        self.work(size) <= QUICK_WORK_MAX
    }

    fn work(&self, size: &Size) -> u64 {
        let values = size
            .values
            .saturating_add(size.text_bytes / TEXT_BYTES_PER_VALUE);
        self.at(size).work.saturating_mul(values)
    }

    /// Whether a list of all that does not fit stays small.
    pub(super) fn allows_report(&self, size: &Size) -> bool {
        self.at(size).visits.saturating_mul(size.values) <= REPORT_VISITS_MAX
    }

    fn at(&self, size: &Size) -> Cost {
        // There is at least the cost of flat arguments.
        let last = self.0.len() - 1;
        self.0[size.depth.min(last)]
    }
}

/// What the resolver calls the schema, whatever it calls itself.
const DOCUMENT: &str = "json-schema:///";

/// The root's place in a graph.
const ROOT: usize = 0;

/// All schemas that the root leads to.
#[derive(Default)]
struct Graph<'s> {
    schemas: Vec<&'s Value>,
    /// The places of the schemas, by where they are in memory: one schema has one place, however many ways lead there.
    places: HashMap<*const Value, usize>,
    nodes: Vec<Node>,
}

/// One schema and where it leads.
#[derive(Default)]
struct Node {
    /// Schemas for the same value.
    same: Vec<usize>,
    /// Schemas that any value inside may have to fit.
    inside_all: Vec<usize>,
    /// Schemas of which a value inside has to fit at most one.
    inside_one: Vec<usize>,
    /// Patterns of this schema alone.
    n_patterns: u64,
    /// How often the schemas in `same` are gone through.
    factor: u64,
}

impl<'s> Graph<'s> {
    fn of(root: &'s Value, registry: &'s Registry<'_>) -> Result<Self, SchemaError> {
        let resolver = registry.resolver(uri::from_str(DOCUMENT).map_err(unresolved)?);
        let mut graph = Self::default();
        graph.place(root);
        let mut n_patterns = 0;
        while let Some(schema) = graph.schemas.get(graph.nodes.len()).copied() {
            let mut node = Node {
                factor: 1,
                ..Node::default()
            };
            if let Value::Object(keywords) = schema {
                graph.follow(keywords, &mut node);
                for reference in references(keywords) {
                    if !reference.starts_with('#') {
                        return Err(SchemaError::OutsideReference(cut(&reference.into())));
                    }
                    let target = resolver
                        .lookup(reference)
                        .map_err(|_| SchemaError::DanglingReference(cut(&reference.into())))?;
                    node.same.push(graph.place(target.contents()));
                }
                node.n_patterns = keywords.contains_key("pattern") as u64
                    + keywords
                        .get("patternProperties")
                        .and_then(Value::as_object)
                        .map_or(0, Map::len) as u64;
                n_patterns += node.n_patterns;
            }
            graph.nodes.push(node);
        }
        if n_patterns > PATTERNS_MAX {
            return Err(SchemaError::TooManyPatterns);
        }
        Ok(graph)
    }

    fn place(&mut self, schema: &'s Value) -> usize {
        *self
            .places
            .entry(std::ptr::from_ref(schema))
            .or_insert_with(|| {
                self.schemas.push(schema);
                self.schemas.len() - 1
            })
    }

    /// Where one schema's keywords lead, but for references.
    fn follow(&mut self, keywords: &'s Map<String, Value>, node: &mut Node) {
        for (keyword, value) in keywords {
            let list = match keyword.as_str() {
                "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else"
                | "dependentSchemas" | "dependencies" => &mut node.same,
                "patternProperties" | "contains" => &mut node.inside_all,
                "properties"
                | "additionalProperties"
                | "propertyNames"
                | "items"
                | "prefixItems"
                | "additionalItems" => &mut node.inside_one,
                "unevaluatedProperties" | "unevaluatedItems" => {
                    node.factor = UNEVALUATED_FACTOR;
                    &mut node.inside_one
                }
                _ => continue,
            };
            let is_map = matches!(
                keyword.as_str(),
                "dependentSchemas" | "dependencies" | "patternProperties" | "properties"
            );
            match value {
                Value::Object(schemas) if is_map => {
                    list.extend(schemas.values().map(|schema| self.place(schema)))
                }
                Value::Array(schemas) => {
                    list.extend(schemas.iter().map(|schema| self.place(schema)))
                }
                _ => list.push(self.place(value)),
            }
        }
    }

    /// An order in which each schema stands behind those it applies to the same value.
    fn order(&self) -> Result<Vec<usize>, SchemaError> {
        let mut n_users = vec![0_usize; self.nodes.len()];
        for target in self.nodes.iter().flat_map(|node| &node.same) {
            n_users[*target] += 1;
        }
        let mut order: Vec<usize> = (0..n_users.len())
            .filter(|place| n_users[*place] == 0)
            .collect();
        let mut done = 0;
        while let Some(place) = order.get(done).copied() {
            done += 1;
            for target in &self.nodes[place].same {
                n_users[*target] -= 1;
                if n_users[*target] == 0 {
                    order.push(*target);
                }
            }
        }
        if let Some(left) = n_users.iter().position(|n_users| *n_users > 0) {
            return Err(SchemaError::Endless(self.in_circle(left, &n_users)));
        }
        order.reverse();
        Ok(order)
    }

    /// A schema in the circle that leads to `left`, by the reference it has or else by its text.
    fn in_circle(&self, left: usize, n_users: &[usize]) -> String {
        let mut users = vec![left; self.nodes.len()];
        for (place, node) in self
            .nodes
            .iter()
            .enumerate()
            .filter(|(place, _)| n_users[*place] > 0)
        {
            node.same.iter().for_each(|target| users[*target] = place);
        }
        // Whatever is left has a user that is left too, so the way back ends in the circle.
        let place = (0..users.len()).fold(left, |place, _| users[place]);
        let schema = self.schemas[place];
        let reference = schema
            .as_object()
            .and_then(|keywords| references(keywords).next());
        reference.map_or_else(|| cut(schema), |reference| cut(&reference.into()))
    }

    /// What each schema costs, when `inside` is what they cost for the values one level down. None: there are no such
    /// values.
    fn costs(&self, order: &[usize], inside: Option<&[Cost]>) -> Vec<Cost> {
        let mut costs = vec![Cost::default(); self.nodes.len()];
        let below = |place: &usize| {
            inside
                .and_then(|inside| inside.get(*place))
                .copied()
                .unwrap_or_default()
        };
        for place in order {
            let node = &self.nodes[*place];
            let count = |own: u64, of: fn(&Cost) -> u64| {
                let same = sum(node.same.iter().map(|place| of(&costs[*place])));
                let all = sum(node.inside_all.iter().map(|place| of(&below(place))));
                let one = node.inside_one.iter().map(|place| of(&below(place))).max();
                let inside = sum([own, all, one.unwrap_or(0)].into_iter());
                same.saturating_mul(node.factor).saturating_add(inside)
            };
            let on_same = node.same.iter().map(|place| costs[*place].steps);
            let inside = node.inside_all.iter().chain(&node.inside_one);
            let on_inside = inside.map(|place| below(place).steps);
            let cost = Cost {
                visits: count(1, |cost| cost.visits),
                work: count(1 + node.n_patterns * PATTERN_WORK, |cost| cost.work),
                steps: on_same.chain(on_inside).max().unwrap_or(0) + 1,
            };
            costs[*place] = cost;
        }
        costs
    }
}

fn unresolved(error: ReferencingError) -> SchemaError {
    match error {
        ReferencingError::Unretrievable { uri, .. } => {
            SchemaError::OutsideReference(cut(&uri.into()))
        }
        error => SchemaError::Invalid {
            at: String::new(),
            // It quotes the schema.
            problem: shortened(&error.to_string()),
        },
    }
}

/// The texts of a schema's references. With one resource in the document, all three keywords mean the same.
fn references(keywords: &Map<String, Value>) -> impl Iterator<Item = &str> {
    ["$ref", "$dynamicRef", "$recursiveRef"]
        .into_iter()
        .filter_map(|keyword| keywords.get(keyword)?.as_str())
}

fn sum(visits: impl Iterator<Item = u64>) -> u64 {
    visits.fold(0, u64::saturating_add)
}

/// Fetches nothing.
struct Nowhere;

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("`{uri}` is not fetched").into())
    }
}
