//! Statements as text for people.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use super::{Account, Condition, Place, Scope, Statement};
use crate::policy::Effect;

/// Statements in words, by account and principal: who may do what on what only if what, and where it says so.
pub fn words(statements: &[Statement]) -> String {
    let mut by_principal: BTreeMap<(&Account, String), Vec<&Statement>> = BTreeMap::new();
    let spelled_out = statements.iter().flat_map(Statement::spelled_out).collect::<Vec<_>>();
    for statement in &spelled_out {
        let whom = listed(&statement.principals);
        by_principal.entry((&statement.account, whom)).or_default().push(statement);
    }
    let mut text = String::new();
    for ((account, whom), mut statements) in by_principal {
        statements.sort_by_key(|one| (one.effect, one.via, place_without_line(&one.place)));
        let _ = writeln!(text, "{account}: {whom}");
        for statement in statements {
            put(&mut text, statement);
        }
        text.push('\n');
    }
    text
}

fn place_without_line(place: &Place) -> Place {
    Place { line: None, ..place.clone() }
}

fn put(text: &mut String, statement: &Statement) {
    let actions = listed(&statement.actions);
    let may = match statement.effect {
        Effect::Allow if Statement::is_word(&actions) => "     ",
        Effect::Allow => "may  ",
        Effect::Deny => "never",
    };
    let _ = writeln!(text, "  {may} {actions}");
    for (n, resource) in each(&statement.resources).iter().enumerate() {
        let _ = writeln!(text, "  {}    {resource}", if n == 0 { "on" } else { "  " });
    }
    let conditions = statement.conditions.iter().map(Condition::to_string);
    let guards = statement.only_if.iter().map(|guard| format!("the template's {guard}"));
    for (n, condition) in conditions.chain(guards).enumerate() {
        let _ = writeln!(text, "  {}    {condition}", if n == 0 { "if" } else { "  " });
    }
    let line = statement.place.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let _ =
        writeln!(text, "  by    {} ({}{line})", statement.place, statement.via.as_str().replace('_', " "));
}

fn listed<T: Ord + Display>(scope: &Scope<T>) -> String {
    each(scope).join(", ")
}

fn each<T: Ord + Display>(scope: &Scope<T>) -> Vec<String> {
    let but = if let Scope::AllBut(_) = scope { "all but " } else { "" };
    let named = scope.named().iter().map(T::to_string).collect::<Vec<_>>();
    match but {
        "" => named,
        but => vec![format!("{but}{}", named.join(", "))],
    }
}
