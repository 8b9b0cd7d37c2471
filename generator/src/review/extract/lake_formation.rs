//! Lake Formation: administrators, grants, default permissions, tags.

use super::terms::{Guards, both};
use super::{Reading, Said, always};
use crate::review::{Condition, Node, Part, Principal, Statement, Term, Via};

/// Reads a resource of Lake Formation; gives the properties that it has read.
pub(super) fn read(reading: &mut Reading<'_, '_>) -> &'static [&'static str] {
    match reading.resource.kind.as_str() {
        // The older type has other words for resources and principals.
        "AWS::LakeFormation::PrincipalPermissions" | "AWS::LakeFormation::Permissions" => grant(reading),
        "AWS::LakeFormation::DataLakeSettings" => settings(reading),
        "AWS::LakeFormation::TagAssociation" => tagged(reading),
        _ => {}
    }
    &[]
}

/// A principal of Lake Formation: an ARN, an account, or a group by its name.
fn principal(term: Term) -> Principal {
    let is_group = term
        .as_text()
        .is_some_and(|text| !text.starts_with("arn:") && !text.starts_with(|c: char| c.is_ascii_digit()));
    if is_group { Principal::Other(term) } else { super::policy::aws_principal(term) }
}

/// The principals of an entry or a list of entries `{DataLakePrincipalIdentifier: …}`.
fn principals(reading: &Reading<'_, '_>, node: Option<&Node>) -> Vec<(Guards, Principal)> {
    let mut found = Vec::new();
    for (guards, entry) in node.map(|node| reading.terms.branches(node)).unwrap_or_default() {
        let identifier = entry.get("DataLakePrincipalIdentifier").unwrap_or(entry);
        for (more, term) in reading.terms.texts(identifier) {
            found.extend(both(&guards, &more).map(|guards| (guards, principal(term))));
        }
    }
    found
}

/// The permissions of a grant, those that can be passed on with the suffix for it.
fn permissions(reading: &Reading<'_, '_>) -> Vec<(Guards, Term)> {
    let mut permissions = reading.texts(&["Permissions"]);
    let suffix = Part::Text(Statement::GRANTABLE.to_owned());
    let passed_on = reading.texts(&["PermissionsWithGrantOption"]).into_iter();
    permissions.extend(passed_on.map(|(guards, term)| (guards, term.with(suffix.clone()))));
    permissions
}

fn grant(reading: &mut Reading<'_, '_>) {
    let principals = principals(
        reading,
        reading.property(&["Principal"]).or_else(|| reading.property(&["DataLakePrincipal"])),
    );
    let permissions = permissions(reading);
    let Some(resource) = reading.property(&["Resource"]) else {
        reading.unread(reading.resource.line, "a grant without `Resource`");
        return;
    };
    for (guards, resource) in reading.terms.cases(resource) {
        for (arn, conditions) in resources(reading, &resource) {
            let mut said = Said::allow(Via::LakeFormation);
            said.guards.clone_from(&guards);
            said.conditions.extend(conditions);
            reading.say_each(&said, principals.clone(), permissions.clone(), always(arn));
        }
    }
}

/// What a grant is on, with the conditions that narrow it.
fn resources(reading: &Reading<'_, '_>, resource: &Node) -> Vec<(Term, Vec<Condition>)> {
    let kinds = resource.entries().iter();
    kinds
        .filter(|(_, node)| node.content != crate::review::Content::Null)
        .map(|(kind, node)| on(reading, kind, node))
        .collect()
}

fn on(reading: &Reading<'_, '_>, kind: &str, node: &Node) -> (Term, Vec<Condition>) {
    let terms = reading.terms;
    let text = |key: &str| node.get(key).map(|value| terms.term(value));
    let catalog = text("CatalogId").or_else(|| text("TableCatalogId"));
    let glue = |path: &[&Term]| {
        let mut term = arn("glue", catalog.as_ref());
        for (n, piece) in path.iter().enumerate() {
            term = if n == 0 { term } else { term.with(Part::Text("/".to_owned())) }.followed_by(piece);
        }
        term
    };
    let word = |word: &str| Term::text(word);
    let any = || word("*");
    match kind {
        "Catalog" => (glue(&[&word("catalog")]), Vec::new()),
        "Database" | "DatabaseResource" => {
            (glue(&[&word("database"), &text("Name").unwrap_or_else(any)]), Vec::new())
        }
        "Table" | "TableResource" => {
            let name =
                if node.get("TableWildcard").is_some() { any() } else { text("Name").unwrap_or_else(any) };
            (glue(&[&word("table"), &text("DatabaseName").unwrap_or_else(any), &name]), Vec::new())
        }
        "TableWithColumns" | "TableWithColumnsResource" => {
            let name = text("Name").unwrap_or_else(any);
            let table = glue(&[&word("table"), &text("DatabaseName").unwrap_or_else(any), &name]);
            let columns =
                |list: &Node| terms.texts(list).into_iter().map(|(_, column)| column).collect::<Vec<_>>();
            let mut conditions = Vec::new();
            if let Some(list) = node.get("ColumnNames") {
                conditions.push(Condition::new(Condition::ONLY_COLUMNS, "columns", columns(list)));
            }
            let excluded =
                node.at(&["ColumnWildcard", "ExcludedColumnNames"]).map(columns).unwrap_or_default();
            if !excluded.is_empty() {
                conditions.push(Condition::new(Condition::ALL_COLUMNS_BUT, "columns", excluded));
            }
            (table, conditions)
        }
        "DataCellsFilter" => {
            let name = text("TableName").unwrap_or_else(any);
            let table = glue(&[&word("table"), &text("DatabaseName").unwrap_or_else(any), &name]);
            (table, vec![Condition::new(Condition::CELLS_FILTER, "filter", text("Name"))])
        }
        "DataLocation" | "DataLocationResource" => {
            let location =
                text("ResourceArn").or_else(|| text("S3Resource")).unwrap_or_else(|| terms.term(node));
            (location, Vec::new())
        }
        "LFTag" => {
            let key = text("TagKey").unwrap_or_default();
            let tag = arn("lakeformation", catalog.as_ref())
                .with(Part::Text("lf-tag/".to_owned()))
                .followed_by(&key);
            let values = node.get("TagValues").map(|list| terms.texts(list)).unwrap_or_default();
            let values = values.into_iter().map(|(_, value)| value);
            (tag, vec![Condition::new(Condition::LF_TAG, &key.to_string(), values)])
        }
        "LFTagPolicy" => {
            let is_table = text("ResourceType").is_none_or(|kind| !kind.is("DATABASE"));
            let what = if is_table {
                glue(&[&word("table"), &any(), &any()])
            } else {
                glue(&[&word("database"), &any()])
            };
            let expressions = node.get("Expression").map(Node::items).unwrap_or_default().iter();
            (what, expressions.map(|expression| tag_condition(reading, expression)).collect())
        }
        // A kind that is not known counts as it stands.
        _ => (word(kind).with(Part::Text(" ".to_owned())).followed_by(&terms.term(node)), Vec::new()),
    }
}

fn tag_condition(reading: &Reading<'_, '_>, expression: &Node) -> Condition {
    let key = expression.get("TagKey").map(|key| reading.terms.term(key)).unwrap_or_default();
    let values = expression.get("TagValues").map(|list| reading.terms.texts(list)).unwrap_or_default();
    Condition::new(Condition::LF_TAG, &key.to_string(), values.into_iter().map(|(_, value)| value))
}

/// The head of an ARN in a catalogue; without one that of the account.
fn arn(service: &str, catalog: Option<&Term>) -> Term {
    let own = Term::of(Part::Ref("AWS::AccountId".to_owned()));
    Term::sub(&format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:"), |name| {
        Term::of(Part::Ref(name.to_owned()))
    })
    .followed_by(catalog.unwrap_or(&own))
    .with(Part::Text(":".to_owned()))
}

fn settings(reading: &mut Reading<'_, '_>) {
    let catalog = arn("glue", None).with(Part::Text("catalog".to_owned()));
    for (key, action) in [("Admins", "ADMIN"), ("ReadOnlyAdmins", "READ_ONLY_ADMIN")] {
        let node = reading.property(&[key]);
        let said = Said::allow(Via::LakeFormation).on_line(node);
        let whom = principals(reading, node);
        reading.say_each(&said, whom, always(Term::text(action)), always(catalog.clone()));
    }
    // What is made later is readable to these, whoever makes it.
    for (key, path) in
        [("CreateDatabaseDefaultPermissions", "database/*"), ("CreateTableDefaultPermissions", "table/*/*")]
    {
        let entries = reading.property(&[key]).map(|node| reading.terms.branches(node)).unwrap_or_default();
        for (guards, entry) in entries {
            let mut said = Said::allow(Via::LakeFormation).on_line(Some(entry));
            said.guards = guards;
            let whom = principals(reading, entry.get("Principal"));
            let what = entry.get("Permissions").map(|list| reading.terms.texts(list)).unwrap_or_default();
            let on = arn("glue", None).with(Part::Text(path.to_owned()));
            reading.say_each(&said, whom, what, always(on));
        }
    }
    let owners = reading.texts(&["TrustedResourceOwners"]).into_iter();
    let owners = owners.map(|(guards, term)| (guards, principal(term))).collect();
    let said = Said::allow(Via::LakeFormation);
    reading.say_each(&said, owners, always(Term::text("TRUSTED_RESOURCE_OWNER")), always(catalog.clone()));
    if reading.is_true(&["AllowExternalDataFiltering"]) {
        let whom = principals(reading, reading.property(&["ExternalDataFilteringAllowList"]));
        reading.say_each(&said, whom, always(Term::text("EXTERNAL_DATA_FILTERING")), always(catalog.clone()));
    }
    if reading.is_true(&["AllowFullTableExternalDataAccess"]) {
        let action = always(Term::text("FULL_TABLE_EXTERNAL_DATA_ACCESS"));
        reading.say_each(&said, always(Principal::Everybody), action, always(catalog));
    }
}

/// A tag on a resource: whoever has been granted the tag has it on the resource.
fn tagged(reading: &mut Reading<'_, '_>) {
    let Some(resource) = reading.property(&["Resource"]) else { return };
    let pairs = reading.property(&["LFTags"]).map(|node| reading.terms.branches(node)).unwrap_or_default();
    let mut tags = Vec::new();
    for (guards, pair) in pairs {
        let key = pair.get("TagKey").map(|key| reading.terms.term(key)).unwrap_or_default();
        let values = pair.get("TagValues").map(|list| reading.terms.texts(list)).unwrap_or_default();
        for (more, value) in values {
            let tag =
                Term::text("LF-Tag ").followed_by(&key).with(Part::Text("=".to_owned())).followed_by(&value);
            tags.extend(both(&guards, &more).map(|guards| (guards, Principal::Other(tag))));
        }
    }
    for (guards, resource) in reading.terms.cases(resource) {
        for (arn, conditions) in resources(reading, &resource) {
            let mut said = Said::allow(Via::LakeFormation);
            said.guards.clone_from(&guards);
            said.conditions.extend(conditions);
            reading.say_each(&said, tags.clone(), always(Term::text("TAGGED")), always(arn));
        }
    }
}
