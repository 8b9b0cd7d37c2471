//! What is reviewed, and what the rules need to know of it as a whole.

use std::collections::BTreeSet;

use super::read::{gives_identity, may_do, strong};
use super::results::{self, Results};
use crate::model::Integration;
use crate::policy::Effect;
use crate::review::extract::Terms;
use crate::review::{Condition, Principal, Stack, Statement, Term, Via};

/// Stacks that belong together, the statements of them, and the spec that they were made from, where it is known.
pub struct Subject<'a> {
    pub(super) stacks: &'a [Stack],
    pub(super) statements: &'a [Statement],
    pub(super) integration: Option<&'a Integration>,
    /// For each stack, what reads its values.
    pub(super) terms: Vec<Terms<'a>>,
    /// Who queries: each in its account.
    pub(super) analysts: BTreeSet<Principal>,
    /// The buckets that results of queries go to.
    pub(super) results: Vec<Results<'a>>,
    /// Policies that are boundaries and attached to nobody: they limit and give nothing.
    boundaries: BTreeSet<Term>,
}

impl<'a> Subject<'a> {
    /// Gets ready to look. `statements` are those of [`crate::review::access_together`] for the stacks.
    pub fn new(
        stacks: &'a [Stack],
        statements: &'a [Statement],
        integration: Option<&'a Integration>,
    ) -> Self {
        let terms = stacks.iter().map(|stack| Terms::new(&stack.template)).collect::<Vec<_>>();
        let results = results::find(stacks, &terms);
        let outside = statements.iter().filter(|one| one.via == Via::Boundary);
        let outside = outside.flat_map(|one| &one.conditions);
        let boundaries = outside.filter(|one| one.operator == Condition::OUTSIDE_OF);
        let boundaries = boundaries.flat_map(|one| one.values.iter().cloned()).collect();
        let mut analysts = analysts(statements);
        let of_spec = integration.into_iter().flat_map(|known| &known.detective.principals);
        analysts.extend(of_spec.map(|principal| {
            let arn = Term::text(principal.arn().to_string());
            Principal::Arn(arn.in_account(&crate::review::Account::This))
        }));
        Self { stacks, statements, integration, terms, analysts, results, boundaries }
    }

    /// Each statement that gives access by itself: not those of policies that are only boundaries.
    pub(super) fn given(&self) -> impl Iterator<Item = &'a Statement> {
        let only_limits = |statement: &Statement| match statement.principals.only() {
            Some(principals) => principals.iter().all(|principal| match principal {
                Principal::HolderOf(policy) => self.boundaries.contains(policy),
                _ => false,
            }),
            None => false,
        };
        self.statements.iter().filter(move |one| one.effect == Effect::Allow && !only_limits(one))
    }

    /// Whether one of the principals of a statement queries.
    pub(super) fn is_of_analysts(&self, statement: &Statement) -> bool {
        let mut named = statement.principals.only().into_iter().flatten();
        named.any(|principal| self.analysts.contains(&in_account(principal, statement)))
    }

    /// Whether a principal, as a statement names it, is one of those who query.
    pub(super) fn is_analyst(&self, principal: &Principal, statement: &Statement) -> bool {
        self.analysts.contains(&in_account(principal, statement))
    }

    /// Whether only CloudFormation may be the principal: a role of these stacks whose trust policy names nobody else.
    pub(super) fn is_for_cloudformation_only(&self, principal: &Principal, of: &Statement) -> bool {
        let services = self.services_trusted_by(principal, of);
        services
            .is_some_and(|services| services.iter().all(|service| service == "cloudformation.amazonaws.com"))
            || self.is_for_stack_sets_only(principal, of)
    }

    /// Whether the principal is a role of these stacks that only the role of StackSets may assume, which the spec names.
    fn is_for_stack_sets_only(&self, principal: &Principal, of: &Statement) -> bool {
        let Some(sets) = self.integration.and_then(|known| known.stack_sets.as_ref()) else { return false };
        let (account, role) = sets.assumes();
        let arn = format!(":iam::{account}:role/{role}");
        let mut trusts = self.trusts_of(principal, of).peekable();
        trusts.peek().is_some()
            && trusts.all(|trust| {
                let who = trust.principals.named();
                let is_there =
                    who.iter().all(|who| matches!(who, Principal::Account(id) if id.is(account.as_str())));
                let exactly = strong(trust, "aws:PrincipalArn").filter(|one| one.operator == "ArnEquals");
                let is_it = |one: &Condition| one.values.iter().all(|term| term.to_string().ends_with(&arn));
                !who.is_empty() && is_there && exactly.is_some_and(is_it)
            })
    }

    /// The trust policy of a role of these stacks.
    fn trusts_of(&self, principal: &Principal, of: &Statement) -> impl Iterator<Item = &'a Statement> {
        let arn = match principal {
            Principal::Arn(arn) => Some(arn.in_account(&of.account)),
            _ => None,
        };
        let account = of.account.clone();
        let trusts = self.given().filter(move |one| one.via == Via::Trust && one.account == account);
        trusts.filter(move |trust| {
            trust.resources.named().iter().any(|role| Some(role.in_account(&trust.account)) == arn)
        })
    }

    /// The services that a role of these stacks trusts; `None` if it trusts anybody else, or is none of these.
    pub(super) fn services_trusted_by(&self, principal: &Principal, of: &Statement) -> Option<Vec<String>> {
        let mut services = Vec::new();
        for trust in self.trusts_of(principal, of) {
            for whom in trust.principals.named() {
                let Principal::Service(service) = whom else { return None };
                services.push(service.to_string());
            }
        }
        (!services.is_empty()).then_some(services)
    }
}

/// A principal as it is in the account of a statement.
pub(super) fn in_account(principal: &Principal, of: &Statement) -> Principal {
    match principal {
        Principal::Arn(term) => Principal::Arn(term.in_account(&of.account)),
        Principal::HolderOf(term) => Principal::HolderOf(term.in_account(&of.account)),
        Principal::Account(term) => Principal::Account(term.in_account(&of.account)),
        other => other.clone(),
    }
}

/// Who may start queries, or was granted `SELECT` in Lake Formation; not whole accounts.
fn analysts(statements: &[Statement]) -> BTreeSet<Principal> {
    let queries = |one: &Statement| gives_identity(one) && may_do(one, "athena:StartQueryExecution");
    let reads = |one: &Statement| {
        one.via == Via::LakeFormation
            && one.effect == Effect::Allow
            && one.actions.named().iter().any(|action| action.is("SELECT"))
    };
    let theirs = statements.iter().filter(|one| queries(one) || reads(one));
    let principals = theirs.flat_map(|one| one.principals.named().iter().map(|who| in_account(who, one)));
    principals.filter(|who| matches!(who, Principal::Arn(_) | Principal::HolderOf(_))).collect()
}
