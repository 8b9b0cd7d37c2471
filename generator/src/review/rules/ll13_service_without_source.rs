//! LL13: services that act for anybody's resource.

use super::read::{gives, strong};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Statement, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL13",
    slug: "service-without-source",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "a service is let in without saying for whose resource it acts",
    why: "somebody in another account can make the service reach this resource for them (confused deputy)",
    counterparts: &["checkov CKV_AWS_364", "IAM Access Analyzer: restrict access to service principal"],
    remedy: "add `StringEquals aws:SourceAccount` with the own account, or `ArnLike aws:SourceArn`; for a role it is a note, \
             since IAM passes no role to another account's resources",
    look: Look::Always(look),
};

/// Keys that say for whom a service acts.
const SOURCES: &[&str] =
    &["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:PrincipalOrgID"];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives(one) && one.via != Via::Identity) {
        if SOURCES.iter().any(|key| strong(statement, key).is_some()) {
            continue;
        }
        for who in statement.principals.only().into_iter().flatten() {
            let Principal::Service(service) = who else { continue };
            let message = format!("`{service}` is let in whoever it acts for");
            let is_note = statement.via == Via::Trust && !makes_stack_sets(subject, statement, who);
            let finding = found.at(statement, message).about_resource(service);
            if is_note {
                finding.severity(Severity::Note);
            }
        }
    }
}

/// Whether the role is the one as which StackSets reaches into other accounts: CloudFormation takes its ARN from anybody
/// who may make a stack set.
fn makes_stack_sets(subject: &Subject<'_>, trust: &Statement, who: &Principal) -> bool {
    let is_cloudformation =
        matches!(who, Principal::Service(service) if service.is("cloudformation.amazonaws.com"));
    let assumes = |one: &&Statement| {
        one.via == Via::Identity
            && one.principals.named().iter().any(|role| match role {
                Principal::Arn(arn) => trust.resources.named().contains(arn),
                _ => false,
            })
            && super::read::may_do(one, "sts:AssumeRole")
            && one.resources.named().iter().any(|role| role.to_string().contains("StackSet"))
    };
    is_cloudformation && subject.given().any(|one| assumes(&one))
}
