//! LL19: grants of Lake Formation that are wider than the spec.

use super::by_code::{Handed, handed};
use super::read::fields;
use super::subject::in_account;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::{Duty, Integration};
use crate::review::{Account, Principal, Statement, Term, Via};
use crate::vocab::GrantOn;

pub(super) static RULE: Rule = Rule {
    id: "LL19",
    slug: "lf-grant-wider",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a grant of Lake Formation is to somebody, on something, or of a permission that the spec does not name",
    why: "a grant on every table also covers sources that are added later; ALL and default permissions leave the access to \
          nobody's decision",
    counterparts: &[],
    remedy: "grant SELECT on each table of the spec to each of its principals, and DESCRIBE on the link",
    look: Look::Always(look),
};

/// Words that are no grants, or that have a rule of their own.
const NO_GRANTS: &[&str] = &["ADMIN", "READ_ONLY_ADMIN", "TAGGED"];

/// The call behind a grant.
pub(super) const GRANT: &str = "lakeformation:GrantPermissions";

fn look(subject: &Subject<'_>, found: &mut Found) {
    for Handed { stack, resource, key, line, .. } in handed(subject, GRANT) {
        let message = format!(
            "code of `{}` decides what it grants to whoever `{key}` names; no template says it",
            resource.id
        );
        found.at_resource(stack, resource, line, message).about(GRANT, key);
    }
    for statement in subject.given().filter(|one| one.via == Via::LakeFormation) {
        for action in statement.actions.named() {
            let word = action.to_string();
            let plain = word.strip_suffix(Statement::GRANTABLE).unwrap_or(&word);
            if NO_GRANTS.contains(&plain) {
                continue;
            }
            for who in statement.principals.named() {
                for resource in statement.resources.named() {
                    look_at(subject, statement, Grant { who, what: plain, on: resource }, found);
                }
            }
        }
    }
}

/// One permission of one principal on one resource.
struct Grant<'a> {
    who: &'a Principal,
    what: &'a str,
    on: &'a Term,
}

fn look_at(subject: &Subject<'_>, statement: &Statement, grant: Grant<'_>, found: &mut Found) {
    let Grant { who, what, on } = grant;
    let is_group = matches!(who, Principal::Other(name) if name.is("IAM_ALLOWED_PRINCIPALS"));
    if is_group || *who == Principal::Everybody {
        let message = format!("whoever IAM allows has `{what}` on `{on}`: Lake Formation does not decide");
        found.at(statement, message).about(what, on);
    } else if what == "ALL" || what == "SUPER" {
        found.at(statement, format!("`{who}` has `{what}` on `{on}`")).about(what, on);
    } else if let Some(known) = subject.integration {
        match why_not(known, statement, &Grant { who, what, on }) {
            None => {}
            Some(Wide::Tables) => {
                let message =
                    format!("`{who}` has `{what}` on every table of `{on}`, also on those added later");
                found.at(statement, message).about(what, on).acceptable();
            }
            Some(Wide::Other(why)) => {
                found.at(statement, format!("`{who}` has `{what}` on `{on}`: {why}")).about(what, on);
            }
        }
    } else if is_wildcard(on) {
        let message = format!("`{who}` has `{what}` on every table of `{on}`, also on those added later");
        found.at(statement, message).about(what, on).acceptable();
    } else if let Principal::Account(account) = who {
        let message = format!("the whole account `{account}` has `{what}` on `{on}`");
        found.at(statement, message).about(what, on).severity(Severity::Warning).acceptable();
    }
}

enum Wide {
    Tables,
    Other(&'static str),
}

fn is_wildcard(on: &Term) -> bool {
    fields(on).and_then(|fields| fields.into_iter().nth(5)).is_some_and(|name| {
        let name = name.to_string();
        name.starts_with("table/") && name.ends_with("/*")
    })
}

/// Why a grant is not what the spec asks for.
fn why_not(known: &Integration, statement: &Statement, grant: &Grant<'_>) -> Option<Wide> {
    // For each Region by itself: a name that is looked up is right where the mapping is.
    for spelled in statement.spelled_out() {
        let there = spelled.resources.named();
        let on = if statement.resources.named().len() == 1 { there.first() } else { Some(grant.on) };
        if let Some(wide) = on.and_then(|on| why_not_here(known, statement, grant, on)) {
            return Some(wide);
        }
    }
    None
}

fn why_not_here(known: &Integration, statement: &Statement, grant: &Grant<'_>, on: &Term) -> Option<Wide> {
    let arn = match in_account(grant.who, statement) {
        Principal::Arn(arn) => arn.in_account(&Account::Known(known.detective.account.clone())),
        _ => return Some(Wide::Other("the spec names roles and users, nobody else")),
    };
    let is = |text: String| arn == Term::text(text).in_account(&Account::This);
    let crawler = format!("arn:aws:iam::{}:role/{}", known.detective.account, known.own_role(Duty::Crawler));
    let is_crawler = known.detective.crawler.is_some() && is(crawler);
    let is_principal = known.detective.principals.iter().any(|one| is(one.arn().to_string()));
    if !is_crawler && !is_principal {
        return Some(Wide::Other("nobody that the spec names"));
    }
    let Some(Ok(on)) = fields(on).map(<[Term; 6]>::try_from) else {
        return Some(Wide::Other("no database or table"));
    };
    let (account, name) = (&on[4], on[5].to_string());
    let is_lake = account.is(known.lake.account.as_str());
    let evidence = known.evidence_database();
    if known.detective.crawler.is_some() && !is_lake {
        let is_evidence = [format!("database/{evidence}"), format!("table/{evidence}/*")].contains(&name);
        if is_evidence && (is_crawler || ["SELECT", "DESCRIBE"].contains(&grant.what)) {
            return None;
        }
    }
    if is_crawler {
        return Some(Wide::Other("the crawler of the spec fills its own database only"));
    }
    for region in known.regions.lake() {
        let database = known.database(region);
        if name == format!("database/{database}") {
            return (grant.what != "DESCRIBE")
                .then_some(Wide::Other("only DESCRIBE is needed on a database"));
        }
        if !["SELECT", "DESCRIBE"].contains(&grant.what) {
            continue;
        }
        if name == format!("table/{database}/*") {
            let is_asked = known.detective.grant_on == GrantOn::Link && !is_lake;
            return (!is_asked).then_some(Wide::Tables);
        }
        let sources = known.lake.sources.iter();
        let mut tables = sources.map(|source| table(known, *source, region));
        if tables.any(|table| name == format!("table/{database}/{table}")) {
            return None;
        }
    }
    Some(Wide::Other("not a table that the spec shares, or more than SELECT"))
}

/// The table of a source.
fn table(known: &Integration, source: crate::vocab::LogSource, region: crate::vocab::Region) -> String {
    source.table(known.lake.source_version, region)
}
