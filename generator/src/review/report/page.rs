//! `REVIEW.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Judged;
use super::area::{Area, Reach};
use super::escape::{code, message, prose};
use super::graph::Graph;
use super::mermaid;
use super::rights::{Group, Kind, Right};
use super::words::{actions, listed};
use crate::iam::ActionTable;
use crate::model::{ExecutionRole, Integration, ResultsBucket, Side, Subscriber};
use crate::policy::Effect;
use crate::review::rules::{Finding, Severity};
use crate::review::{Accepted, Access, Account, Statement, Via, unknown_services};

/// The page without the note that generated files begin with.
pub(super) fn page(
    integration: &Integration,
    access: &Access,
    findings: &[Judged],
    groups: &[Group],
    graph: &Graph,
) -> String {
    let mut text = format!("# Review: {}\n\n", integration.name);
    verdict(&mut text, findings);
    let _ = write!(
        text,
        "What the templates of this folder allow in the lake account {} and in the Detective account {}. \
         `lakelink review` says the same with lines and today's date, with `--against REV` what changed; the rows of the \
         access model are in [access.json](access.json).\n\n## In short\n\n",
        integration.lake.account, integration.detective.account
    );
    in_short(&mut text, integration, groups);
    let _ = write!(
        text,
        "\n## As a picture\n\n```mermaid\n{}```\n\nThick: gives or takes away access. Dashed: can do all that it can. What \
         is denied, services of AWS, what a policy leaves to IAM in its own account, and conditions are not drawn; set-up is drawn with the analyst. The same as a file: [access.svg](access.svg).\n\n",
        mermaid::flowchart(graph)
    );
    findings_in_words(&mut text, findings);
    matrix(&mut text, groups);
    details(&mut text, integration, groups);
    not_looked_at(&mut text, integration, access);
    text
}

fn is_open(judged: &&Judged) -> bool {
    judged.finding.accepted.is_none()
}

fn verdict(text: &mut String, findings: &[Judged]) {
    let open =
        |severity| findings.iter().filter(is_open).filter(|one| one.finding.severity == severity).count();
    let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(open);
    let accepted =
        findings.iter().filter(|one| matches!(one.finding.accepted, Some(Accepted::BySpec { .. })));
    let explained = findings.iter().filter(|one| matches!(one.finding.accepted, Some(Accepted::ByTable(_))));
    let word = match (errors, warnings) {
        (0, 0) => "Nothing to mend",
        (0, _) => "To be mended or accepted",
        _ => "To be mended",
    };
    let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let _ = write!(
        text,
        "**{word}: {}, {}, {} open; {} accepted.** {} where AWS takes only `*` {} explained by the table of actions.\n\n",
        plural(errors, "error"),
        plural(warnings, "warning"),
        plural(notes, "note"),
        accepted.count(),
        plural(explained.clone().count(), "place"),
        if explained.count() == 1 { "is" } else { "are" },
    );
}

/// An account as headings say it.
fn home(integration: &Integration, account: &Account) -> String {
    match account.id() {
        Some(id) if id == integration.lake.account.as_str() => format!("Lake account {id}"),
        Some(id) => format!("Detective account {id}"),
        None => "Whichever account".to_owned(),
    }
}

/// Who, with names.
fn who(group: &Group) -> String {
    named(group, &|name| name)
}

/// Who, without paths but for analysts: the headings of the tables have them.
fn who_in_short(group: &Group) -> String {
    let is_whole = matches!(group.kind, Kind::Other | Kind::Everybody | Kind::OwnAccount);
    let last = |name: &str| !is_whole && (name.starts_with("policy/") || group.kind != Kind::Analyst);
    named(group, &|name| if last(name) { name.rsplit('/').next().unwrap_or(name) } else { name })
}

fn named(group: &Group, shown: &dyn Fn(&str) -> &str) -> String {
    let names = group.names.iter().map(|name| code(shown(name))).collect::<Vec<_>>();
    let policy = if group.names.iter().all(|name| name.starts_with("policy/")) { " policy" } else { "" };
    match group.kind {
        Kind::OwnAccount | Kind::Everybody if names == ["`*`"] => group.kind.title().to_owned(),
        Kind::OwnAccount => group.kind.title().to_owned(),
        Kind::Everybody => format!("Everybody but {}", listed(&names)),
        kind => format!("{}{policy} {}", kind.title(), listed(&names)),
    }
}

/// A sentence for each party, by account.
fn in_short(text: &mut String, integration: &Integration, groups: &[Group]) {
    let mut account = None;
    for group in groups {
        let mut said = Vec::new();
        for role in group.acts_as().collect::<BTreeSet<_>>() {
            said.push(format!("can do **everything that {} can**", acted_as(groups, group, role)));
        }
        let passed = group.rights.iter().filter(|right| {
            right.effect == Effect::Allow
                && right.via == Via::Identity
                && right.actions.contains("iam:PassRole")
        });
        let linked = group.acts_as().collect::<BTreeSet<_>>();
        let passed = passed.flat_map(|right| &right.resources).filter(|role| !linked.contains(role.as_str()));
        for role in passed.collect::<BTreeSet<_>>() {
            said.push(format!(
                "can do everything that {} can, **which these templates do not tell**",
                code(role)
            ));
        }
        if group.kind == Kind::ServiceRole && is_administrator(group) {
            said.push("is an administrator of Lake Formation".to_owned());
        }
        let mut by_reach: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for ((area, _), reach) in merged(group) {
            let verbs = reach.iter().filter(|reach| **reach != Reach::ActsAs).map(|reach| reach.verb());
            by_reach.entry(verbs.collect()).or_default().push(area.word());
        }
        by_reach.remove(&Vec::new());
        said.extend(
            by_reach.into_iter().map(|(verbs, areas)| format!("{} {}", listed(&verbs), listed(&areas))),
        );
        if group.kind == Kind::Service {
            let roles = group.rights.iter().flat_map(|right| &right.resources).map(|role| code(role));
            said = vec![format!("may run as {}", listed(&roles.collect::<Vec<_>>()))];
        }
        if said.is_empty() {
            let never = group.rights.iter().filter(|right| right.effect == Effect::Deny).count();
            let things = if never == 1 { "thing" } else { "things" };
            said.push(format!("is denied {never} {things}, and allowed nothing here"));
        }
        if account != Some(&group.account) {
            let _ = writeln!(text, "- {}:", home(integration, &group.account));
            account = Some(&group.account);
        }
        let _ = writeln!(text, "  - **{}** {}.", who_in_short(group), said.join("; "));
    }
}

/// Reach by area, wherever the area is.
fn merged(group: &Group) -> BTreeMap<(Area, bool), BTreeSet<Reach>> {
    let mut merged: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for ((area, _), reach) in group.reach() {
        merged.entry((area, false)).or_default().extend(reach);
    }
    merged
}

/// A role that somebody acts as, as the report names it.
fn acted_as(groups: &[Group], from: &Group, role: &str) -> String {
    let other = groups.iter().find(|other| {
        other.account == from.account
            && other.kind != Kind::Service
            && other.names.iter().any(|name| name == role)
    });
    match other {
        Some(other) => {
            format!("the {} {}", lower(other.kind.title()), code(role.rsplit('/').next().unwrap_or(role)))
        }
        None => code(role),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().collect::<String>()).unwrap_or_default() + chars.as_str()
}

fn is_administrator(group: &Group) -> bool {
    group.rights.iter().any(|right| right.via == Via::LakeFormation && right.actions.contains("ADMIN"))
}

fn findings_in_words(text: &mut String, findings: &[Judged]) {
    text.push_str("## Open findings\n\n");
    let mut open = findings.iter().filter(is_open).collect::<Vec<_>>();
    open.sort_by_key(|one| std::cmp::Reverse(one.finding.severity));
    if open.is_empty() {
        text.push_str("None.\n\n");
    } else {
        text.push_str("| | rule | what | where | in the spec | what to do |\n|---|---|---|---|---|---|\n");
        for Judged { finding, key } in open {
            let Finding { rule, severity, account, place, message: what, .. } = finding;
            let _ = writeln!(
                text,
                "| {} | {} {} | {} | {account}: {} | {} | {} |",
                severity.word(),
                rule.id,
                rule.slug,
                message(what, account),
                code(&place.to_string()),
                code(&key.to_string()),
                message(rule.remedy, account)
            );
        }
        text.push_str("\n`lakelink review --explain RULE` says why.\n\n");
    }
    text.push_str("## Accepted findings\n\n");
    let accepted = findings.iter().filter_map(|one| match &one.finding.accepted {
        Some(Accepted::BySpec { reason, owner, until }) => Some((&one.finding, reason, owner, until)),
        _ => None,
    });
    let accepted = accepted.collect::<Vec<_>>();
    if accepted.is_empty() {
        text.push_str("None by the spec (`review.accept`).\n\n");
    } else {
        text.push_str("| until | rule | what | where | why | owner |\n|---|---|---|---|---|---|\n");
        for (Finding { rule, account, place, message: what, .. }, reason, owner, until) in accepted {
            let _ = writeln!(
                text,
                "| {} | {} {} | {} | {account}: {} | {} | {} |",
                until.as_str(),
                rule.id,
                rule.slug,
                message(what, account),
                code(&place.to_string()),
                prose(reason.as_str()),
                code(owner)
            );
        }
        text.push_str("\nEach holds up to and with its day; after it, `lakelink review` ends with 10.\n\n");
    }
    explained(text, findings);
}

/// Every `*` that the table explains, by its actions.
fn explained(text: &mut String, findings: &[Judged]) {
    let by_table = |one: &&Judged| matches!(one.finding.accepted, Some(Accepted::ByTable(_)));
    let explained = findings.iter().filter(by_table).map(|one| &one.finding).collect::<Vec<_>>();
    if explained.is_empty() {
        return;
    }
    let count = explained.len();
    let _ = write!(
        text,
        "<details><summary>Where AWS takes only <code>*</code> ({count})</summary>\n\nBy the table of actions of {} these \
         actions take no resource, or none that is there yet.\n\n| account | where | actions |\n|---|---|---|\n",
        ActionTable::date()
    );
    let mut by_place: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for Finding { account, place, action, .. } in explained {
        by_place.entry((account, place.to_string())).or_default().extend(action.clone());
    }
    for ((account, place), what) in by_place {
        let _ = writeln!(text, "| {account} | {} | {} |", code(&place), actions(&what));
    }
    text.push_str("\n</details>\n\n");
}

/// Who by what, in letters.
fn matrix(text: &mut String, groups: &[Group]) {
    let groups = groups.iter().filter(|group| group.rights.iter().any(|right| right.effect == Effect::Allow));
    let groups = groups.map(|group| (group, merged(group))).collect::<Vec<_>>();
    let areas =
        groups.iter().flat_map(|(_, reach)| reach.keys().map(|(area, _)| *area)).collect::<BTreeSet<_>>();
    text.push_str("## Access matrix\n\n`r` reads, `w` changes, `g` gives or takes away access, `a` acts as a role, `-` nothing. Conditions are in the tables below.\n\n| account | who |");
    areas.iter().for_each(|area| {
        let _ = write!(text, " {} |", area.word());
    });
    let _ = writeln!(text, "\n|---|---|{}", ":-:|".repeat(areas.len()));
    for (group, reach) in groups {
        let _ = write!(text, "| {} | {} |", group.account, who_in_short(group));
        for area in &areas {
            let letters =
                reach.get(&(*area, false)).map(|reach| reach.iter().map(|reach| reach.letter()).collect());
            let letters: String =
                letters.filter(|letters: &String| !letters.is_empty()).unwrap_or("-".to_owned());
            let _ = write!(text, " {letters} |");
        }
        text.push('\n');
    }
    text.push('\n');
}

/// Every right, in a table for each party.
fn details(text: &mut String, integration: &Integration, groups: &[Group]) {
    text.push_str("## Who can do what on what, only if what\n\n");
    let mut account = None;
    for group in groups {
        if account != Some(&group.account) {
            let _ = write!(text, "### {}\n\n", home(integration, &group.account));
            account = Some(&group.account);
        }
        let _ = write!(
            text,
            "#### {}\n\n{}.\n\n| | what | on what | only if | by |\n|---|---|---|---|---|\n",
            who(group),
            message(&sentence_case(group.kind.purpose()), &group.account)
        );
        for right in &group.rights {
            put(text, right);
        }
        text.push('\n');
    }
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default() + chars.as_str()
}

fn put(text: &mut String, right: &Right) {
    let Right { effect, via, actions: what, all_but, conditions, resources, places } = right;
    let may = match effect {
        Effect::Allow => "may",
        Effect::Deny => "**never**",
    };
    let but = |is_but: bool| if is_but { "all but " } else { "" };
    let what = match via {
        Via::PassRole | Via::AssumeRole => "act as: do everything that the role can".to_owned(),
        Via::PublicAccess => format!("be public ({})", actions(what)),
        Via::LakeFormation if what.contains("ADMIN") => "administer Lake Formation".to_owned(),
        Via::Subscriber => format!("read as the subscriber ({})", actions(what)),
        _ if what.contains(Statement::HAS_POLICY) => "use a policy whose text is not here".to_owned(),
        _ => format!("{}{}", but(all_but[0]), actions(what)),
    };
    let on = resources.iter().map(|one| if one == "*" { "anything".to_owned() } else { code(one) });
    let on = format!("{}{}", but(all_but[1]), on.collect::<Vec<_>>().join("<br>"));
    let only_if = if conditions.is_empty() { "-".to_owned() } else { conditions.join("<br>") };
    let by = places.iter().map(|place| code(place)).collect::<Vec<_>>().join("<br>");
    let _ =
        writeln!(text, "| {may} | {what} | {on} | {only_if} | {by} ({}) |", via.as_str().replace('_', " "));
}

fn not_looked_at(text: &mut String, integration: &Integration, access: &Access) {
    text.push_str("## What was not looked at\n\n");
    let mut said = vec![
        "What these identities may do by policies outside of these templates; boundaries are named, their text is not read."
            .to_owned(),
        "Service and resource control policies of the organization, and session policies, which can only take away."
            .to_owned(),
        "Lake Formation grants, settings and administrators that were made elsewhere, and whether it alone governs the tables."
            .to_owned(),
        "The roles, rules and queues that Security Lake makes for itself.".to_owned(),
        format!("Actions that AWS added after the table of actions, {}.", ActionTable::date()),
        "Who can change these files, or this spec.".to_owned(),
    ];
    for side in [Side::Lake, Side::Detective] {
        if let ExecutionRole::Given(role) = &integration.deployment(side).execution {
            said.push(format!("The policies of {}, as which CloudFormation acts.", code(&role.to_string())));
        }
    }
    if let ResultsBucket::Existing(buckets) = &integration.detective.bucket {
        let buckets = buckets.values().map(|bucket| code(&bucket.to_string())).collect::<BTreeSet<_>>();
        let buckets = buckets.into_iter().collect::<Vec<_>>();
        said.push(format!(
            "The policy and the flags of the results bucket {}, which exists already.",
            listed(&buckets)
        ));
    }
    if let crate::model::Encryption::Keys(keys) = &integration.detective.encryption {
        let keys = keys.values().map(|key| code(&key.to_string())).collect::<BTreeSet<_>>();
        let keys = keys.into_iter().collect::<Vec<_>>();
        said.push(format!("The policy of the key {}, which exists already.", listed(&keys)));
    }
    if integration.lake.subscriber == Subscriber::Existing {
        said.push(
            "The subscriber, which somebody else makes: its sources, its access and its external id."
                .to_owned(),
        );
    }
    said.extend(access.unread.iter().map(|unread| {
        format!("{}: {}.", code(&unread.place.to_string()), message(&unread.what, &Account::This))
    }));
    let unknown = unknown_services(&access.statements);
    if !unknown.is_empty() {
        let services = unknown.iter().map(|service| code(service)).collect::<Vec<_>>();
        said.push(format!(
            "Services that the table of actions does not know, shown as written: {}.",
            listed(&services)
        ));
    }
    for line in said {
        let _ = writeln!(text, "- {line}");
    }
}
