//! The part of JSON Schema that says which keys and kinds of values there can be.

use serde_json::{Map, Value as Json};

/// How many references and unions may lead into each other; more is a schema that refers to itself.
const MAX_DEPTH: usize = 16;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Number,
    Bool,
    List,
    Map,
    Null,
}

impl Kind {
    fn from_schema(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::Text,
            "integer" => Self::Whole,
            "number" => Self::Number,
            "boolean" => Self::Bool,
            "array" => Self::List,
            "object" => Self::Map,
            "null" => Self::Null,
            _ => return None,
        })
    }

    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(_) => Self::Bool,
            Json::Number(number) if number.is_f64() => Self::Number,
            Json::Number(_) => Self::Whole,
            Json::String(_) => Self::Text,
            Json::Array(_) => Self::List,
            Json::Object(_) => Self::Map,
        }
    }
}

/// What a schema takes, with references and unions opened: one branch for each kind that it names.
pub(super) struct Wanted<'s> {
    branches: Vec<(Kind, &'s Json)>,
    anything: bool,
}

impl<'s> Wanted<'s> {
    /// What `schema`, which is a part of `root`, takes.
    pub(super) fn of(root: &'s Json, schema: &'s Json) -> Self {
        let mut wanted = Self { branches: Vec::new(), anything: false };
        wanted.open(root, schema, 0);
        wanted
    }

    /// Whether every kind of value is taken.
    pub(super) fn anything(&self) -> bool {
        self.anything
    }

    /// Whether values of a kind are taken.
    pub(super) fn takes(&self, kind: Kind) -> bool {
        self.branch(kind).is_some()
    }

    /// The schema for values of a kind: the first one, since unions are told apart by kind alone.
    pub(super) fn branch(&self, kind: Kind) -> Option<&'s Json> {
        self.branches.iter().find(|(own, _)| *own == kind).map(|(_, schema)| *schema)
    }

    /// Every kind that is taken, with its schema.
    pub(super) fn branches(&self) -> &[(Kind, &'s Json)] {
        &self.branches
    }

    fn open(&mut self, root: &'s Json, schema: &'s Json, depth: usize) {
        let Some(keywords) = schema.as_object().filter(|_| depth < MAX_DEPTH) else {
            self.anything = true;
            return;
        };
        if let Some(target) = keywords.get("$ref").and_then(Json::as_str) {
            // As a rule it is a plain name, which needs none of what a pointer in general does.
            let definition = match target.strip_prefix("#/definitions/") {
                Some(name) => root.get("definitions").and_then(|all| all.get(name)),
                None => root.pointer(target.trim_start_matches('#')),
            };
            return self.open(root, definition.unwrap_or(&Json::Bool(true)), depth + 1);
        }
        match keywords.get("type") {
            Some(Json::String(word)) => {
                self.branches.extend(Kind::from_schema(word).map(|kind| (kind, schema)))
            }
            Some(Json::Array(words)) => {
                let kinds = words.iter().filter_map(Json::as_str).filter_map(Kind::from_schema);
                self.branches.extend(kinds.map(|kind| (kind, schema)));
            }
            _ => self.open_union(root, schema, keywords, depth),
        }
    }

    fn open_union(
        &mut self,
        root: &'s Json,
        schema: &'s Json,
        keywords: &'s Map<String, Json>,
        depth: usize,
    ) {
        let parts = ["allOf", "anyOf", "oneOf"].iter().find_map(|union| keywords.get(*union)?.as_array());
        match (parts, keywords.get("const"), keywords.get("enum").and_then(Json::as_array)) {
            (Some(parts), ..) => parts.iter().for_each(|part| self.open(root, part, depth + 1)),
            (None, Some(value), _) => self.branches.push((Kind::of(value), schema)),
            (None, None, Some(values)) => {
                self.branches.extend(values.iter().map(|value| (Kind::of(value), schema)));
            }
            (None, None, None) => self.anything = true,
        }
    }
}

/// The keys of a mapping, by the schema of that mapping.
pub(super) struct Properties<'s> {
    named: Option<&'s Map<String, Json>>,
    required: &'s [Json],
    /// The schema of every other key, if there can be others.
    other: Option<&'s Json>,
}

impl<'s> Properties<'s> {
    pub(super) fn of(schema: &'s Json) -> Self {
        // A pattern of keys is judged by what reads the keys; here it stands for any key.
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        let other = match (
            patterns.and_then(|patterns| patterns.values().next()),
            schema.get("additionalProperties"),
        ) {
            (Some(pattern), _) => Some(pattern),
            (None, Some(Json::Bool(false))) => None,
            (None, Some(others)) => Some(others),
            (None, None) => Some(&Json::Bool(true)),
        };
        let required = schema.get("required").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        Self { named: schema.get("properties").and_then(Json::as_object), required, other }
    }

    /// The schema of a key's value; `None` for a key that must not be.
    pub(super) fn schema(&self, key: &str) -> Option<&'s Json> {
        self.named.and_then(|named| named.get(key)).or(self.other)
    }

    /// The keys that have a name in the schema.
    pub(super) fn known(&self) -> impl Iterator<Item = &'s str> {
        self.named.into_iter().flatten().map(|(key, _)| key.as_str())
    }

    /// The keys that must be.
    pub(super) fn required(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        self.required.iter().filter_map(Json::as_str)
    }
}
