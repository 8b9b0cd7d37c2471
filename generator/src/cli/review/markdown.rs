//! `lakelink review --format markdown`: a comment on a pull request.

use std::fmt::Write as _;

use super::All;
use super::gather::differing_in_words;
use crate::cli::findings::{Located, shown};
use crate::cli::terminal::count;
use crate::review::escape::{code, message, prose, sentence, value};
use crate::review::rules::{self, Finding, Severity};
use crate::review::{self, Accepted, Account, Change, Row, Summary};

/// What GitHub takes in a comment is 65,536 characters. Bytes are never fewer.
const MAX_BYTES: usize = 65_000;
/// Kept free for what stands around the rows of later tables.
const RESERVE: usize = 4_000;

/// What the files were compared with, and what is different.
pub(super) struct Against<'a> {
    pub(super) name: &'a str,
    pub(super) commit: Option<&'a str>,
    pub(super) changes: &'a [Change],
}

/// A comment, cut at whole rows. It begins with a mark by which a bot finds it again.
pub(super) fn comment(all: &All, against: Option<&Against<'_>>) -> String {
    let mut comment = Comment::new();
    comment.text.push_str("<!-- lakelink review -->\n");
    verdict(&mut comment.text, all, against);
    if let Some(words) = differing_in_words(&all.differing) {
        let _ = write!(comment.text, "**Warning:** {}.\n\n", message(&words, &Account::This));
    }
    if let Some(against) = against {
        changes(&mut comment, all, against.changes);
    }
    findings(&mut comment, all);
    if against.is_none() {
        access(&mut comment, all);
    }
    not_looked_at(&mut comment, all);
    comment.text
}

/// A text with room for so much.
struct Comment {
    text: String,
    most: usize,
}

impl Comment {
    fn new() -> Self {
        Self { text: String::new(), most: MAX_BYTES - RESERVE }
    }

    /// A table with as many rows as there is room for, and a line about the others.
    fn table(&mut self, head: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>) {
        let count = rows.len();
        let _ = writeln!(self.text, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
        let mut put = 0;
        for row in rows {
            let row = format!("| {} |\n", row.join(" | "));
            if self.text.len() + row.len() > self.most {
                break;
            }
            self.text.push_str(&row);
            put += 1;
        }
        if put < count {
            let left = self::count(count - put, "more row");
            let _ = write!(
                self.text,
                "\n{left} left out, for a comment holds no more: `lakelink review` with `--format text` or `json` has them all.\n"
            );
        }
        self.text.push('\n');
    }

    /// A table that is folded up.
    fn folded(&mut self, title: &str, head: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>) {
        if rows.len() > 0 {
            let _ = write!(self.text, "<details><summary>{title}</summary>\n\n");
            self.table(head, rows);
            self.text.push_str("</details>\n\n");
        }
    }
}

fn verdict(text: &mut String, all: &All, against: Option<&Against<'_>>) {
    let open = |severity| all.findings.iter().filter(|one| is_open(one, severity)).count();
    let changed = against.map_or(&[][..], |against| against.changes);
    let changed = |rule: &str| changed.iter().filter(|one| one.is_open() && one.rule() == Some(rule)).count();
    let (errors, warnings) =
        (open(Severity::Error) + changed("LL32"), open(Severity::Warning) + changed("LL31"));
    let accepted = all.findings.iter().filter(|one| by_spec(&one.finding).is_some()).count();
    let changes = against.map(|against| against.changes).unwrap_or_default();
    let accepted = accepted + changes.iter().filter(|change| change.accepted.is_some()).count();
    let found =
        format!("{}, {} open; {accepted} accepted", count(errors, "error"), count(warnings, "warning"));
    let Some(Against { name, commit, changes }) = against else {
        let _ = write!(text, "### Access review: {found}\n\n");
        return;
    };
    let Summary { new, wider, narrower, gone, not_comparable } = Summary::of(changes);
    let changed = if changes.is_empty() {
        "no change of access".to_owned()
    } else {
        format!("{new} new, {wider} wider, {not_comparable} not comparable, {narrower} narrower, {gone} gone")
    };
    let commit = commit.map(|commit| format!(" ({})", code(commit))).unwrap_or_default();
    let _ =
        write!(text, "### Access review: {changed}; {found}\n\nCompared with {}{commit}.\n\n", code(name));
}

fn is_open(located: &Located, severity: Severity) -> bool {
    located.finding.is_open(severity) && located.finding.severity == severity
}

fn by_spec(finding: &Finding) -> Option<[&str; 3]> {
    match &finding.accepted {
        Some(Accepted::BySpec { reason, owner, until }) => Some([reason.as_str(), owner, until.as_str()]),
        _ => None,
    }
}

fn changes(comment: &mut Comment, all: &All, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    comment.text.push_str(
        "Read \"before sign after\": `+` new, `<` wider, `?` not comparable, `>` narrower, `-` gone.\n\n",
    );
    let rows = changes.iter().map(|change| {
        let account = change.account().cloned().unwrap_or_default();
        let mut what = review::sentence_with(change, &|text| value(text, &account), &prose);
        if let Some(accepted) = &change.accepted {
            what.push_str(&format!("<br>{}", prose(&accepted.to_string())));
        }
        let place = change.place().map(|place| {
            let integration = place.integration.as_ref().map(|name| format!("{name}/")).unwrap_or_default();
            code(&format!("{integration}{place}"))
        });
        let spec = rules::of_change(change).and_then(|finding| all.locate(finding).spec);
        let places = place.into_iter().chain(spec.map(|spot| code(&shown(&spot)))).collect::<Vec<_>>();
        let sign = code(&review::sign(change.kind).to_string());
        let rule = change.rule().unwrap_or("-").to_owned();
        vec![sign, rule, account.to_string(), what, places.join("<br>")]
    });
    comment.table(&["", "rule", "account", "what", "where"], rows);
}

fn findings(comment: &mut Comment, all: &All) {
    let of = |severity: Severity| all.findings.iter().filter(move |one| is_open(one, severity));
    let open = of(Severity::Error).chain(of(Severity::Warning)).map(row).collect::<Vec<_>>();
    if !open.is_empty() {
        comment.text.push_str("**Findings**\n\n");
        comment.table(&["", "rule", "account", "what", "where", "what to do"], open.into_iter());
    }
    let accepted = all.findings.iter().filter_map(|one| {
        let [reason, owner, until] = by_spec(&one.finding)?;
        let Finding { rule, account, message: what, .. } = &one.finding;
        let what = message(what, account);
        Some(vec![
            rule.id.to_owned(),
            account.to_string(),
            what,
            at(one),
            prose(reason),
            code(owner),
            until.to_owned(),
        ])
    });
    let accepted = accepted.collect::<Vec<_>>();
    let title = format!("{} accepted", count(accepted.len(), "finding"));
    let head = ["rule", "account", "what", "where", "why", "owner", "until"];
    comment.folded(&title, &head, accepted.into_iter());
    let notes = of(Severity::Note).map(row).collect::<Vec<_>>();
    let title = count(notes.len(), "note");
    comment.folded(&title, &["", "rule", "account", "what", "where", "what to do"], notes.into_iter());
}

fn row(located: &Located) -> Vec<String> {
    let Finding { rule, severity, account, message: what, .. } = &located.finding;
    vec![
        severity.word().to_owned(),
        format!("{} {}", rule.id, rule.slug),
        account.to_string(),
        message(what, account),
        at(located),
        message(rule.remedy, account),
    ]
}

/// The spec first: there it is changed.
fn at(located: &Located) -> String {
    let spots = located.spec.iter().chain(&located.template).map(|spot| code(&shown(spot)));
    spots.collect::<Vec<_>>().join("<br>")
}

fn access(comment: &mut Comment, all: &All) {
    let rows = review::rows(&all.access.statements);
    let title = format!("All that is allowed and denied: {}", count(rows.len(), "row"));
    let rows = rows.iter().map(|row| {
        let Row { account, principal, effect, action, resource, condition, .. } = row;
        let condition = condition.as_deref().map(code).unwrap_or("-".to_owned());
        vec![account.clone(), code(principal), (*effect).to_owned(), code(action), code(resource), condition]
    });
    comment.folded(&title, &["account", "who", "", "what", "on what", "only if"], rows);
}

fn not_looked_at(comment: &mut Comment, all: &All) {
    comment.most = MAX_BYTES;
    let rules = all.not_looked_at();
    if !rules.is_empty() {
        let _ = write!(comment.text, "Without a spec not looked at: {}.\n\n", rules.join(", "));
    }
    let unread = all.access.unread.iter().map(|unread| {
        let place = &unread.place;
        vec![code(&place.to_string()), sentence(&unread.what)]
    });
    let title = format!("{} not read", count(unread.len(), "thing"));
    comment.most -= 500;
    comment.folded(&title, &["where", "what"], unread);
    let unknown = review::unknown_services(&all.access.statements);
    if !unknown.is_empty() {
        let services = unknown.iter().take(20).map(|service| code(service)).collect::<Vec<_>>().join(", ");
        let line = format!("Not in the table of actions, so shown as written: {services}.\n");
        if comment.text.len() + line.len() < MAX_BYTES {
            comment.text.push_str(&line);
        }
    }
}
