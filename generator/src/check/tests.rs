use super::*;

/// Files by name. A name in `extends` finds the file with that name; names that are in `asked` are asked for.
fn run(asked: &[&str], files: &[(&str, &str)]) -> Vec<Checked> {
    let (first, others): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| asked.contains(name));
    let mut inputs = Inputs::default();
    let mut ids = BTreeMap::new();
    for (name, text) in first {
        ids.insert((*name).to_owned(), inputs.ask((*name).to_owned(), text.as_bytes().to_vec()));
    }
    let mut unread: BTreeMap<_, _> = others.into_iter().collect();
    while let Some(wanted) = inputs.wanted() {
        if let Some(text) = unread.remove(wanted.name.as_str()) {
            ids.insert(wanted.name.clone(), inputs.reach(wanted.name.clone(), text.as_bytes().to_vec()));
        }
        let found = ids.get(&wanted.name).map_or(Found::Nothing(wanted.name.clone()), |id| Found::File(*id));
        inputs.link(wanted, found);
    }
    check(inputs).unwrap()
}

/// Each problem as "file: code path", with the specs that it breaks.
fn told(checked: &[Checked]) -> Vec<String> {
    let problems = checked.iter().flat_map(|file| file.problems.iter().map(|problem| (&file.file, problem)));
    let told = problems.map(|(file, problem)| {
        let specs =
            if problem.specs.is_empty() { String::new() } else { format!(" of {}", problem.specs.join(" ")) };
        format!("{file}: {} {}{specs}", problem.code, problem.path)
    });
    told.collect()
}

const BASE: &str = "regions: [us-east-1]\nlake: {account: \"111122223333\"}\n";

fn child(name: &str, more: &str) -> String {
    let account =
        400_000_000_000_u64 + name.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte)) % 1_000_000;
    format!(
        "name: {name}\nlake: {{subscriber: {{external_id: 7f3c9a51-{name}-detective}}}}\n\
         detective: {{account: \"{account}\", principals: [\"arn:aws:iam::{account}:role/SecurityAnalyst\"]}}\n{more}"
    )
}

#[test]
fn a_spec_is_what_it_writes_and_what_it_inherits() {
    let base = format!("{BASE}tags: {{team: security, cost: x}}\nname: never-inherited\n");
    let spec = child("acme", "extends: base.yaml\ntags: {cost: ~, unit: y}\n");
    let checked = run(&["acme.yaml"], &[("acme.yaml", &spec), ("base.yaml", &base)]);
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!(checked.iter().map(|file| file.is_spec).collect::<Vec<_>>(), [true, false]);
    let integration = &checked[0].rendered.as_ref().unwrap().integration;
    assert_eq!((integration.name.as_str(), integration.spec_file.as_str()), ("acme", "acme.yaml"));
    let tags: Vec<_> = integration.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(tags, [("team", "security"), ("unit", "y")]);
    assert!(checked[1].rendered.is_none());
}

#[test]
fn later_bases_win_with_all_that_they_inherit() {
    let tags = |more: &str, tags: &str| format!("{more}tags: {{{tags}}}\n");
    let files = [
        ("acme.yaml", child("acme", "extends: [one.yaml, two.yaml]\ntags: {d: acme}\n")),
        ("one.yaml", tags("extends: base.yaml\n", "a: one, b: one, c: one, d: one")),
        ("two.yaml", tags("extends: base.yaml\n", "c: two, d: two")),
        ("base.yaml", tags(BASE, "a: base, d: base")),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let checked = run(&["acme.yaml"], &files);
    let integration = &checked[0].rendered.as_ref().unwrap().integration;
    let tags: Vec<_> = integration.tags.iter().map(|(key, value)| format!("{key} {value}")).collect();
    assert_eq!(tags, ["a base", "b one", "c two", "d acme"]);
}

#[test]
fn a_base_can_be_a_spec_too() {
    let whole = "regions: [us-east-1]\n";
    let base = child("base", whole).replace("{subscriber", "{account: \"111122223333\", subscriber");
    let spec = child("acme", "extends: base.yaml\n");
    let checked = run(&["acme.yaml", "base.yaml"], &[("acme.yaml", &spec), ("base.yaml", &base)]);
    assert_eq!(told(&checked), Vec::<String>::new());
    assert!(checked.iter().all(|file| file.rendered.is_some()));
}

#[test]
fn acceptances_are_not_inherited() {
    let base = format!("{BASE}review: {{accept: [{{rule: nonsense}}]}}\n");
    let spec = child("acme", "extends: base.yaml\n");
    let checked = run(&["acme.yaml"], &[("acme.yaml", &spec), ("base.yaml", &base)]);
    // The shape of an item in a list is judged where it stands; its words are those of nobody.
    let missing = ["at", "owner", "reason", "until"];
    let wanted = missing.map(|key| format!("base.yaml: LS013 review.accept[0].{key} of acme.yaml"));
    let mut told = told(&checked);
    told.sort();
    assert_eq!(told, wanted);
}

#[test]
fn what_a_base_breaks_is_told_once() {
    let base = "regions: [us-east-1]\nlake: {account: \"12\", typo: 1, source_version: 2.0}\nqueries: yes\n";
    let files = [
        ("one.yaml", child("one", "extends: base.yaml\n")),
        ("two.yaml", child("two", "extends: base.yaml\n")),
        (
            "three.yaml",
            child("three", "extends: base.yaml\nlake: {account: \"111122223333\"}\n").replacen(
                "lake: {sub",
                "more: {sub",
                1,
            ),
        ),
        ("base.yaml", base.to_owned()),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let mut told = told(&run(&["one.yaml", "two.yaml", "three.yaml", "base.yaml"], &files));
    told.sort();
    assert_eq!(
        told,
        [
            "base.yaml: LS012 lake.typo of one.yaml two.yaml three.yaml",
            "base.yaml: LS012 queries of one.yaml two.yaml three.yaml",
            "base.yaml: LS015 lake.source_version of one.yaml two.yaml three.yaml",
            "base.yaml: LS022 lake.account of one.yaml two.yaml",
            "three.yaml: LS012 more",
            "three.yaml: LS059 lake.subscriber.external_id",
        ]
    );
}

#[test]
fn what_cannot_be_read_hides_nothing_else() {
    let files = [
        ("one.yaml", child("one", "extends: base.yaml\ntypo: 1\n")),
        ("two.yaml", child("two", "extends: [other.yaml, base.yaml]\n")),
        ("base.yaml", "a: [\n".to_owned()),
        ("other.yaml", "\u{FEFF}regions: [us-east-1]\r\nlake:\r\n  acount: \"1\"\r\n".to_owned()),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    assert_eq!(
        told(&run(&["one.yaml", "two.yaml"], &files)),
        [
            "one.yaml: LS012 typo",
            "base.yaml: LS004  of one.yaml two.yaml",
            "other.yaml: LS012 lake.acount of two.yaml"
        ]
    );
}

#[test]
fn a_base_of_another_kind_is_one_mistake() {
    for base in ["- a\n", "text\n"] {
        let spec = child("acme", "extends: base.yaml\n");
        let checked = run(&["acme.yaml"], &[("acme.yaml", &spec), ("base.yaml", base)]);
        assert_eq!(told(&checked), ["base.yaml: LS014  of acme.yaml"]);
    }
    for (extends, wrong) in [("1", "LS015 extends"), ("[2]", "LS015 extends[0]"), ("{a: b}", "LS014 extends")]
    {
        let spec = child("acme", &format!("extends: {extends}\n"));
        assert_eq!(told(&run(&["acme.yaml"], &[("acme.yaml", &spec)])), [format!("acme.yaml: {wrong}")]);
    }
}

#[test]
fn a_file_without_a_name_is_a_base_of_another_one() {
    let lost = |files: &[(&str, &str)]| {
        let asked: Vec<_> = files.iter().map(|(name, _)| *name).collect();
        told(&run(&asked, files)).iter().any(|told| told.starts_with("base.yaml: LS013 name"))
    };
    let spec = child("acme", "extends: base.yaml\n");
    assert!(lost(&[("base.yaml", BASE)]));
    assert!(!lost(&[("base.yaml", BASE), ("acme.yaml", &spec)]));
    // A spec that lost track of its base, or cannot be read, is the only one to be complained about.
    assert!(!lost(&[("base.yaml", BASE), ("acme.yaml", &child("acme", "extends: bsae.yaml\n"))]));
    assert!(!lost(&[("base.yaml", BASE), ("acme.yaml", "name: [\n")]));
    // By itself it has nobody.
    assert!(!told(&run(&["base.yaml"], &[("base.yaml", "extends: base.yaml\n")])).is_empty());
}

#[test]
fn taking_away_what_must_be_is_missing_in_the_spec() {
    let spec = child("acme", "extends: [base.yaml]\nregions: ~\nhome_region:\n");
    let checked = run(&["acme.yaml"], &[("acme.yaml", &spec), ("base.yaml", BASE)]);
    assert_eq!(told(&checked), ["acme.yaml: LS016 home_region", "acme.yaml: LS013 regions"]);
    let alone = child("acme", "regions: ~\nextends: []\n")
        .replace("{subscriber", "{account: \"111122223333\", subscriber");
    assert_eq!(told(&run(&["acme.yaml"], &[("acme.yaml", &alone)])), ["acme.yaml: LS016 regions"]);
}

#[test]
fn what_a_base_breaks_for_thousands_is_told_once() {
    let base = "lake: {account: \"12\"}\nregions: [us-east-1]\n";
    let names: Vec<_> =
        (0..3000).map(|n| (format!("s{n}.yaml"), child(&format!("s{n}"), "extends: base.yaml\n"))).collect();
    let mut files: Vec<_> = names.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("base.yaml", base));
    let mut inputs = Inputs::default();
    for (name, text) in &files {
        inputs.ask((*name).to_owned(), text.as_bytes().to_vec());
    }
    let base = FileId::new(files.len() - 1);
    while let Some(wanted) = inputs.wanted() {
        inputs.link(wanted, Found::File(base));
    }
    let checked = check(inputs).unwrap();
    assert_eq!(checked.iter().map(|file| file.problems.len()).sum::<usize>(), 1);
    assert_eq!(checked[base.index()].problems[0].specs.len(), 3000);
}

/// A hostile family: each level names every file of the next one. Who walked each of the 40^8 ways would not end.
#[test]
fn a_dense_family_is_walked_once() {
    let (wide, deep) = (40, 8);
    let names = |level: usize| (0..wide).map(|n| format!("b{level}-{n}.yaml")).collect::<Vec<_>>().join(", ");
    let mut files = vec![("acme.yaml".to_owned(), child("acme", &format!("extends: [{}]\n", names(0))))];
    for level in 0..deep {
        let extends =
            if level + 1 < deep { format!("extends: [{}]\n", names(level + 1)) } else { BASE.to_owned() };
        files.extend((0..wide).map(|n| (format!("b{level}-{n}.yaml"), extends.clone())));
    }
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(run(&["acme.yaml"], &files)[0].rendered.is_some());
}

/// Roles of StackSets are rendered for one integration; two with one name are told, and both specs stay good.
#[test]
fn a_role_of_stack_sets_that_two_specs_render_is_told() {
    let made = "stacksets-exec-0123456789abcdef0123456789abcdef";
    let of = |name: &str, role: &str, rollout: &str| {
        let more = format!(
            "extends: base.yaml\ndeploy: {{lake: {{execution_role: \"arn:aws:iam::111122223333:role/{role}\"}}}}\n{rollout}"
        );
        let spec = child(name, &more);
        let (_, account) = spec.split_once("account: \"").unwrap();
        let other = if rollout.contains("self_managed") { "sets" } else { made };
        let detective = format!("execution_role: \"arn:aws:iam::{}:role/{other}\"", &account[..12]);
        spec.replace("deploy: {", &format!("deploy: {{detective: {{{detective}}}, "))
    };
    let told_of = |roles: [&str; 2], rollout: &str| {
        let base = format!("{BASE}handoff: {{share_arn: discover, acceptance: lambda}}\n");
        let [one, two] = [of("a", roles[0], rollout), of("b", roles[1], rollout)];
        let files = [("a.yaml", one.as_str()), ("b.yaml", two.as_str()), ("base.yaml", base.as_str())];
        let checked = run(&["a.yaml", "b.yaml"], &files);
        assert!(checked[..2].iter().all(|one| one.rendered.is_some()), "{:#?}", told(&checked));
        told(&checked)
    };
    let own = |administration: &str| {
        format!(
            "rollout: {{stack_sets: {{permission_model: self_managed, \
             administration_role: \"arn:aws:iam::999900001111:role/{administration}\"}}}}\n"
        )
    };
    let outputs = "outputs: [stack_sets]\n";
    let execution = "b.yaml: LS127 deploy.lake.execution_role";
    let administration = "b.yaml: LS127 rollout.stack_sets.administration_role";
    let rendered = own("C") + outputs;
    assert_eq!(told_of(["sets", "sets"], &rendered), [execution, administration]);
    assert_eq!(told_of(["sets", "other"], &rendered), [administration]);
    assert_eq!(
        told_of(["sets", "Sets"], &rendered),
        [execution, administration],
        "IAM does not look at case"
    );
    // Nothing is written for them.
    assert_eq!(told_of(["sets", "sets"], &own("C")), [""; 0]);
    // An organization's sets have no administration role of the spec, and one of their execution roles is made by AWS.
    let units = "organizational_units: {lake: ou-ab12-lake0000, detective: ou-ab12-detect00}";
    let managed =
        format!("rollout: {{stack_sets: {{management_account: \"999900001111\", {units}}}}}\n{outputs}");
    assert_eq!(told_of(["stacksets-exec-custom-x"; 2], &managed), [execution]);
    assert_eq!(told_of([made; 2], &managed), [""; 0]);
}

/// A value that was reported where it stands is not missing as well, in a base either.
#[test]
fn what_was_reported_is_not_missing_too() {
    let sets = |management: &str, lake: &str| {
        format!(
            "rollout: {{stack_sets: {{management_account: {management}, organizational_units: {{lake: {lake}, \
             detective: ou-ab12-detect00}}}}}}\n"
        )
    };
    let told_of = |rollout: &str| {
        let roles = "handoff: {share_arn: discover, acceptance: lambda}\n\
                     deploy: {lake: {execution_role: \"arn:aws:iam::111122223333:role/stacksets-exec-custom-a\"}}\n";
        let base = format!("{BASE}{roles}{rollout}");
        let spec = child("a", "extends: base.yaml\noutputs: [stack_sets]\n");
        let told = told(&run(&["a.yaml"], &[("a.yaml", &spec), ("base.yaml", &base)]));
        told.into_iter().filter(|one| !one.contains("LS077")).collect::<Vec<_>>()
    };
    let account = "base.yaml: LS015 rollout.stack_sets.management_account of a.yaml";
    assert_eq!(told_of(&sets("999900001111", "ou-ab12-lake0000")), [account]);
    let unit = "base.yaml: LS014 rollout.stack_sets.organizational_units.lake of a.yaml";
    assert_eq!(told_of(&sets("\"999900001111\"", "[ou-ab12-lake0000]")), [unit]);
    let list = "rollout: {stack_sets: {management_account: \"999900001111\", organizational_units: [a]}}\n";
    assert_eq!(told_of(list), ["base.yaml: LS014 rollout.stack_sets.organizational_units of a.yaml"]);
    let none = "rollout: {stack_sets: {organizational_units: {lake: ou-ab12-lake0000}}}\n";
    let missing = ["organizational_units.detective", "management_account"]
        .map(|key| format!("LS121 rollout.stack_sets.{key}"));
    let told = told_of(none);
    assert!(
        told.len() == 2 && missing.iter().all(|one| told.iter().any(|told| told.contains(one))),
        "{told:#?}"
    );
}
