//! IAM policy documents as values: statements with an effect, actions, resources, conditions, and a Sid that says
//! what each is for.

use crate::template::Value;

#[cfg(test)]
mod tests;

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Allow.
    Allow,
    /// Deny, whatever else allows.
    Deny,
}

/// Whom a statement of a resource policy or a trust policy is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Principal {
    /// Everybody; only in a `Deny`.
    Everybody,
    /// Everybody in the account of the stack to whom IAM gives the right.
    Account,
    /// Everybody in another account to whom IAM gives the right there.
    OtherAccount(String),
    /// A service of AWS, like `cloudformation.amazonaws.com`.
    Service(&'static str),
}

/// A condition: operator, key, values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The operator, like `StringEquals`.
    pub operator: &'static str,
    /// The condition key.
    pub key: &'static str,
    /// The values, any of which fits.
    pub values: Vec<Value>,
}

impl Condition {
    /// A condition on one value.
    pub fn one(operator: &'static str, key: &'static str, value: impl Into<Value>) -> Self {
        Self { operator, key, values: vec![value.into()] }
    }

    /// A condition on any of several values.
    pub fn any(operator: &'static str, key: &'static str, values: Vec<Value>) -> Self {
        Self { operator, key, values }
    }
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What the statement is for: letters and digits, once in its document.
    pub sid: String,
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it is about; `None` in an identity policy.
    pub principal: Option<Principal>,
    /// The actions, like `s3:GetObject`.
    pub actions: Vec<String>,
    /// The resources; empty in a trust policy.
    pub resources: Vec<Value>,
    /// What must hold, all of it.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// What an identity policy allows.
    pub fn allow<A: Into<String>>(
        sid: impl Into<String>,
        actions: impl IntoIterator<Item = A>,
        resources: Vec<Value>,
    ) -> Self {
        let actions = actions.into_iter().map(Into::into).collect();
        Self {
            sid: sid.into(),
            effect: Effect::Allow,
            principal: None,
            actions,
            resources,
            conditions: Vec::new(),
        }
    }

    /// What a resource policy denies to everybody for whom its conditions hold.
    pub fn deny<A: Into<String>>(
        sid: impl Into<String>,
        actions: impl IntoIterator<Item = A>,
        resources: Vec<Value>,
    ) -> Self {
        let allowed = Self::allow(sid, actions, resources);
        Self { effect: Effect::Deny, principal: Some(Principal::Everybody), ..allowed }
    }

    /// What a resource policy allows to the account of the stack, within IAM.
    pub fn allow_account<A: Into<String>>(
        sid: impl Into<String>,
        actions: impl IntoIterator<Item = A>,
    ) -> Self {
        let allowed = Self::allow(sid, actions, vec![Value::text("*")]);
        Self { principal: Some(Principal::Account), ..allowed }
    }

    /// Who of another account may assume a role: conditions should say who there.
    pub fn trust_account(sid: impl Into<String>, account: impl Into<String>) -> Self {
        let allowed = Self::allow(sid, ["sts:AssumeRole"], Vec::new());
        Self { principal: Some(Principal::OtherAccount(account.into())), ..allowed }
    }

    /// Which service may assume a role.
    pub fn trust(sid: impl Into<String>, service: &'static str) -> Self {
        let allowed = Self::allow(sid, ["sts:AssumeRole"], Vec::new());
        Self { principal: Some(Principal::Service(service)), ..allowed }
    }

    /// The same statement with a further condition.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    fn value(&self) -> Value {
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let mut entries = vec![("Sid", Value::text(&self.sid)), ("Effect", Value::text(effect))];
        match &self.principal {
            None => {}
            Some(Principal::Everybody) => entries.push(("Principal", Value::text("*"))),
            Some(Principal::Account) => {
                let root = Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
                entries.push(("Principal", Value::map([("AWS", root)])));
            }
            Some(Principal::OtherAccount(account)) => {
                let root = Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:root"));
                entries.push(("Principal", Value::map([("AWS", root)])));
            }
            Some(Principal::Service(service)) => {
                entries.push(("Principal", Value::map([("Service", Value::text(*service))])));
            }
        }
        entries.push(("Action", one_or_many(self.actions.iter().map(Value::text).collect())));
        if !self.resources.is_empty() {
            entries.push(("Resource", one_or_many(self.resources.clone())));
        }
        if !self.conditions.is_empty() {
            entries.push(("Condition", self.condition_value()));
        }
        Value::map(entries)
    }

    /// Conditions by operator: IAM takes each operator once, with its keys in one mapping.
    fn condition_value(&self) -> Value {
        let mut by_operator: Vec<(String, Vec<(String, Value)>)> = Vec::new();
        for Condition { operator, key, values } in &self.conditions {
            let values = match one_or_many(values.clone()) {
                // Words, such as Regions, stand on one line, for they stand in many statements.
                Value::List(words) if words.iter().all(|word| matches!(word, Value::Text(_))) => {
                    Value::List(words).flow()
                }
                other => other,
            };
            let entry = ((*key).to_owned(), values);
            match by_operator.iter_mut().find(|(known, _)| known == operator) {
                Some((_, entries)) => entries.push(entry),
                None => by_operator.push(((*operator).to_owned(), vec![entry])),
            }
        }
        Value::map(by_operator.into_iter().map(|(operator, entries)| (operator, Value::Map(entries))))
    }
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::List(values) }
}

/// A policy document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(pub Vec<Statement>);

impl Document {
    /// The document as a template holds it.
    pub fn value(&self) -> Value {
        let statements = self.0.iter().map(Statement::value).collect();
        Value::map([("Version", Value::text("2012-10-17")), ("Statement", Value::List(statements))])
    }
}
