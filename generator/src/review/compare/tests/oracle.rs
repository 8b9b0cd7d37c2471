//! Policies of a small world and every request there is in it. Nothing here knows of the comparison: patterns, conditions
//! and evaluation are written anew, by trying.

use std::collections::BTreeSet;

use crate::policy::Effect;
use crate::review::{Condition, Guard, Label, Place, Principal, Scope, Statement, Term, Via};

/// A statement of the small world.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) is_deny: bool,
    /// By whose policy: that of one of two roles, or of the bucket.
    pub(super) of: Of,
    /// Of the bucket's statements: whom they name.
    pub(super) whom: Vec<usize>,
    pub(super) not_whom: bool,
    pub(super) actions: Vec<&'static str>,
    pub(super) not_actions: bool,
    pub(super) resources: Vec<&'static str>,
    pub(super) not_resources: bool,
    pub(super) conditions: Vec<(&'static str, &'static str, Vec<&'static str>)>,
    /// One of two conditions of the template, and whether it must hold.
    pub(super) guards: Vec<(usize, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    Role(usize),
    Bucket,
}

/// Those that a bucket policy can name. The last two are names for several.
pub(super) const NAMED: usize = 5;

/// Who asks: two roles, an account for its own people, a service, somebody else.
const WHO: [usize; 5] = [0, 1, 2, 3, 4];

fn principal(named: usize) -> Principal {
    match named {
        0 | 1 => Principal::Arn(Term::text(format!("arn:aws:iam::111122223333:role/r{named}"))),
        2 => Principal::Account(Term::text("444455556666")),
        3 => Principal::Service(Term::text("delivery.logs.amazonaws.com")),
        _ => Principal::Everybody,
    }
}

pub(super) const ACTIONS: [&str; 9] = [
    "sts:AssumeRole",
    "sts:TagSession",
    "sts:Assume*",
    "sts:*",
    "*",
    "db:GetItem",
    "db:Get*",
    "db:*Item",
    "STS:assumerole",
];

const ASKED_ACTIONS: [&str; 10] = [
    "sts:assumerole",
    "sts:assumeroot",
    "sts:tagsession",
    "sts:getcalleridentity",
    "db:getitem",
    "db:getother",
    "db:getanitem",
    "db:putitem",
    "db:other",
    "kms:decrypt",
];

pub(super) const RESOURCES: [&str; 9] = ["*", "r:*", "r:a", "r:b", "r:a*", "r:*b", "r:a?", "r:ab", "r:?"];

fn asked_resources() -> Vec<String> {
    let mut all = vec!["other".to_owned(), "r:".to_owned()];
    for length in 1..=4_u32 {
        for number in 0..3_u32.pow(length) {
            let letters = (0..length).map(|place| ['a', 'b', 'c'][(number / 3_u32.pow(place) % 3) as usize]);
            all.push(format!("r:{}", letters.collect::<String>()));
        }
    }
    all
}

/// Operators for the key `one`, which has one value at most, and for `many`.
pub(super) const OF_ONE: [&str; 9] = [
    "StringEquals",
    "StringEqualsIfExists",
    "StringNotEquals",
    "StringNotEqualsIfExists",
    "StringLike",
    "StringLikeIfExists",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "Null",
];
pub(super) const OF_MANY: [&str; 7] = [
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringNotEquals",
    "ForAllValues:StringLike",
    "ForAnyValue:StringLike",
    "Null",
];
pub(super) const VALUES: [&str; 5] = ["x", "y", "x*", "*", "X"];

const ASKED_VALUES: [&str; 9] = ["x", "y", "z", "xx", "X", "Y", "x*", "X*", "*"];

/// Values that a request has for a key: none if the key is not in it.
type Values = Vec<&'static str>;

fn for_one() -> Vec<Values> {
    ASKED_VALUES.iter().map(|value| vec![*value]).chain([Vec::new()]).collect()
}

/// Every set of values; of values that fit the same conditions one is enough.
fn for_many(rules: &[&Rule]) -> Vec<Values> {
    let conditions = rules.iter().flat_map(|rule| &rule.conditions).filter(|(_, key, _)| *key == "many");
    let conditions = conditions.collect::<Vec<_>>();
    let mut seen = BTreeSet::new();
    let mut values = ASKED_VALUES.to_vec();
    values.retain(|value| {
        let fits = conditions.iter().map(|(operator, _, values)| is_met(operator, values, &vec![*value]));
        seen.insert(fits.collect::<Vec<_>>())
    });
    let subset = |mask: usize| {
        let chosen = values.iter().enumerate().filter(|(place, _)| mask >> place & 1 == 1);
        chosen.map(|(_, value)| *value).collect()
    };
    (0..1 << values.len()).map(subset).collect()
}

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if like(rest, text) => true,
        (Some((b'*', _)), Some((_, behind))) => like(pattern, behind),
        (Some((b'?', rest)), Some((_, behind))) => like(rest, behind),
        (Some((one, rest)), Some((other, behind))) => one == other && like(rest, behind),
        _ => false,
    }
}

fn is_like(pattern: &str, text: &str) -> bool {
    like(pattern.as_bytes(), text.as_bytes())
}

/// Whether a condition is met, by the text of the IAM user guide.
fn is_met(operator: &str, values: &[&str], asked: &Values) -> bool {
    if operator == "Null" {
        return values.iter().any(|value| (*value == "true") == asked.is_empty());
    }
    let base = operator.trim_start_matches("ForAllValues:").trim_start_matches("ForAnyValue:");
    let base = base.trim_end_matches("IfExists");
    let fits = |one: &&str| {
        values.iter().any(|value| match base.trim_start_matches("String").trim_start_matches("Not") {
            "Equals" => value == one,
            "EqualsIgnoreCase" => value.to_lowercase() == one.to_lowercase(),
            _ => is_like(value, one),
        })
    };
    let is_not = base.contains("Not");
    let is_right = |one: &&str| fits(one) != is_not;
    if operator.starts_with("ForAllValues:") {
        asked.iter().all(is_right)
    } else if operator.starts_with("ForAnyValue:") {
        asked.iter().any(is_right)
    } else {
        match asked.first() {
            None => is_not || operator.ends_with("IfExists"),
            Some(one) => is_right(one),
        }
    }
}

impl Rule {
    fn is_about(&self, who: usize) -> bool {
        match self.of {
            Of::Role(role) => role == who,
            // To name everybody is to name each.
            Of::Bucket => self.whom.iter().any(|named| *named == who || *named == 4) != self.not_whom,
        }
    }

    fn is_action(&self, asked: &str) -> bool {
        self.actions.iter().any(|action| is_like(&action.to_lowercase(), asked)) != self.not_actions
    }

    fn is_resource(&self, asked: &str) -> bool {
        self.resources.iter().any(|resource| is_like(resource, asked)) != self.not_resources
    }

    fn are_met(&self, key: &str, asked: &Values) -> bool {
        let mut of_key = self.conditions.iter().filter(|(_, own, _)| *own == key);
        of_key.all(|(operator, _, values)| is_met(operator, values, asked))
    }

    fn is_there(&self, held: usize) -> bool {
        self.guards.iter().all(|(condition, holds)| (held >> condition & 1 == 1) == *holds)
    }

    /// The same in the model.
    pub(super) fn statement(&self, number: usize) -> Statement {
        let scope = |items: &[&'static str], is_not: bool| {
            scoped(items.iter().map(|text| Term::text(*text)).collect(), is_not)
        };
        let guard = |(condition, holds): &(usize, bool)| Guard {
            name: format!("C{condition}"),
            holds: *holds,
            means: format!("${{Equals(${{P{condition}}}, yes)}}"),
        };
        Statement {
            account: Default::default(),
            via: if self.of == Of::Bucket { Via::Bucket } else { Via::Identity },
            effect: if self.is_deny { Effect::Deny } else { Effect::Allow },
            principals: match self.of {
                Of::Role(role) => Scope::one(principal(role)),
                Of::Bucket => {
                    scoped(self.whom.iter().map(|named| principal(*named)).collect(), self.not_whom)
                }
            },
            actions: scope(&self.actions, self.not_actions),
            resources: scope(&self.resources, self.not_resources),
            conditions: self
                .conditions
                .iter()
                .map(|(operator, key, values)| {
                    Condition::new(operator, key, values.iter().map(|value| Term::text(*value)))
                })
                .collect(),
            only_if: self.guards.iter().map(guard).collect(),
            place: Place {
                stack: "t".to_owned(),
                resource_id: "R".to_owned(),
                label: Label::Index(number),
                ..Place::default()
            },
        }
    }
}

fn scoped<T: Ord>(items: BTreeSet<T>, is_not: bool) -> Scope<T> {
    if is_not { Scope::AllBut(items) } else { Scope::Only(items) }
}

/// A request that one version answers in another way than the other.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) by: Of,
    pub(super) who: usize,
    pub(super) action: &'static str,
    pub(super) resource: String,
}

impl Request {
    /// Whether statements are about who asks, what and on what.
    pub(super) fn is_in(&self, statements: &[Statement]) -> bool {
        statements.iter().any(|statement| {
            // A Deny counts wherever it stands.
            let is_via =
                statement.effect == Effect::Deny || (statement.via == Via::Bucket) == (self.by == Of::Bucket);
            let own = principal(self.who);
            let who = |named: &Principal| *named == own || *named == Principal::Everybody;
            let has = |scope: &Scope<Term>, asked: &str| {
                let fits = scope.named().iter().any(|term| {
                    let text = term.to_string();
                    is_like(&text, asked) || is_like(&text.to_lowercase(), asked)
                });
                fits == scope.only().is_some()
            };
            is_via
                && statement.principals.named().iter().any(who) == statement.principals.only().is_some()
                && has(&statement.actions, self.action)
                && has(&statement.resources, &self.resource)
        })
    }
}

/// Every request that is answered in another way: those newly allowed, those no longer allowed. A request is one by the
/// policies of a role, or of the bucket; what these allow counts unless a policy of either denies it. And as if some
/// policy elsewhere allowed everything: then it counts what these policies deny.
pub(super) fn differing(before: &[Rule], after: &[Rule]) -> (Vec<Request>, Vec<Request>) {
    let all = before.iter().chain(after).collect::<Vec<_>>();
    let mask = |fits: &dyn Fn(&Rule) -> bool| {
        all.iter().enumerate().fold(0_u64, |mask, (number, rule)| mask | (u64::from(fits(rule)) << number))
    };
    // Of requests that the same statements are about one is enough.
    fn distinct<T>(all: impl IntoIterator<Item = T>, mask: impl Fn(&T) -> u64) -> Vec<(u64, T)> {
        let mut seen = BTreeSet::new();
        let masked = all.into_iter().map(|one| (mask(&one), one));
        masked.filter(|(mask, _)| seen.insert(*mask)).collect()
    }
    let who = WHO.map(|who| (mask(&|rule| rule.is_about(who)), who));
    let actions = distinct(ASKED_ACTIONS, |asked| mask(&|rule| rule.is_action(asked)));
    let resources = distinct(asked_resources(), |asked| mask(&|rule| rule.is_resource(asked)));
    let ones = distinct(for_one(), |asked| mask(&|rule| rule.are_met("one", asked)));
    let manys = distinct(for_many(&all), |asked| mask(&|rule| rule.are_met("many", asked)));
    let held = distinct(0..4_usize, |held| mask(&|rule| rule.is_there(*held)));
    let old = (1_u64 << before.len()) - 1;
    let allows = mask(&|rule| !rule.is_deny);
    let of_bucket = mask(&|rule| rule.of == Of::Bucket);
    let (mut gained, mut lost) = (Vec::new(), Vec::new());
    for (who_mask, who) in who {
        for (action_mask, action) in &actions {
            for (resource_mask, resource) in &resources {
                let (mut is_gained, mut is_lost) = ([false; 2], [false; 2]);
                for (one, _) in &ones {
                    for (many, _) in &manys {
                        for (held, _) in &held {
                            let mask = who_mask & action_mask & resource_mask & one & many & held;
                            for (by, via) in [!of_bucket, of_bucket].into_iter().enumerate() {
                                let is_allowed = |version: u64| {
                                    mask & version & via & allows != 0 && mask & version & !allows == 0
                                };
                                let is_denied = |version: u64| mask & version & via & !allows != 0;
                                is_gained[by] |= is_allowed(!old) && !is_allowed(old);
                                is_gained[by] |= is_denied(old) && !is_denied(!old);
                                is_lost[by] |= is_allowed(old) && !is_allowed(!old);
                                is_lost[by] |= is_denied(!old) && !is_denied(old);
                            }
                        }
                    }
                }
                let request = |by: usize| Request {
                    by: if by == 1 { Of::Bucket } else { Of::Role(who) },
                    who,
                    action,
                    resource: resource.clone(),
                };
                for by in 0..2 {
                    gained.extend(is_gained[by].then(|| request(by)));
                    lost.extend(is_lost[by].then(|| request(by)));
                }
            }
        }
    }
    (gained, lost)
}
