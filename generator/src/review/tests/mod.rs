//! What a statement says, however it is written.

use super::{Access, Account, Guard, Row, Stack, Statement, Term, access_together, rows, scan};

fn access(template: &str) -> Access {
    let template = scan(template.as_bytes()).template().unwrap();
    access_together(&[Stack { integration: None, name: "t".into(), account: Account::This, template }])
}

/// What a managed policy with these lines of a statement says, in a template with these further sections.
fn statements(lines: &str, sections: &str) -> Vec<Statement> {
    let lines = lines.trim().lines().map(|line| format!("            {line}\n")).collect::<String>();
    let template = format!(
        "{sections}\nResources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      ManagedPolicyName: p\n      \
         PolicyDocument:\n        Statement:\n          -\n{lines}"
    );
    let Access { statements, unread } = access(&template);
    assert_eq!(unread, []);
    statements
}

fn resource(value: &str) -> Term {
    let lines = format!("Effect: Allow\nAction: s3:GetObject\nResource: {value}");
    let sections = "Parameters: {A: {Type: String}}\nMappings: {M: {one: {x: '1', y: [l, m]}}}\n";
    statements(&lines, sections).remove(0).resources.only().unwrap().first().unwrap().clone()
}

#[test]
fn one_text_is_one_term() {
    let term = resource("!Sub 'arn:${AWS::Partition}:s3:::${A}/${B.Arn}/*'");
    assert_eq!(term.to_string(), "arn:${AWS::Partition}:s3:::${A}/${B.Arn}/*");
    for other in [
        "!Join ['', ['arn:', !Ref 'AWS::Partition', ':s3:::', !Ref A, /, !GetAtt B.Arn, '/*']]",
        "!Join [':', [arn, !Ref 'AWS::Partition', s3, '', '', !Sub '${A}/${B.Arn}/*']]",
        "!Sub ['arn:${P}:s3:::${A}/${X}/*', {P: !Ref 'AWS::Partition', X: !GetAtt B.Arn}]",
        "!Join ['', [!Sub 'arn:${AWS::Partition}:s3:::', !Select [1, [a, !Ref A]], '/', !Sub '${B.Arn}', '/*']]",
        "{'Fn::Join': ['', ['arn:', {Ref: 'AWS::Partition'}, ':s3:::', {Ref: A}, '/', {'Fn::GetAtt': [B, Arn]}, '/', '*']]}",
    ] {
        assert_eq!(resource(other), term, "{other}");
    }
    for (value, shown) in [
        ("!FindInMap [M, one, x]", "1"),
        ("!FindInMap [M, !Ref A, x]", "${M[${A}].x}"),
        ("!Select [1, !Split [':', 'a:b:c']]", "b"),
        ("!Select [1, !Split [':', !Ref A]]", "${Select(1, ${Split(:, ${A})})}"),
        ("!Split [',', 'a,b']", "a"),
        ("!FindInMap [M, one, y]", "l"),
        ("!ImportValue x", "${ImportValue(x)}"),
        (
            "{'Fn::GetStackOutput': {StackName: s, OutputName: o}}",
            "${GetStackOutput(${Map(StackName=s, OutputName=o)})}",
        ),
        ("'${A}'", "${!A}"),
    ] {
        assert_eq!(resource(value).to_string(), shown, "{value}");
    }
}

#[test]
fn a_reworded_statement_is_the_same() {
    let plain = |lines| {
        let mut one = statements(lines, "").remove(0);
        one.place = Default::default();
        one
    };
    let first = plain(
        "Sid: A\nEffect: Allow\nAction: [s3:GetObject, 's3:Put*']\nResource: '*'\n\
         Condition: {StringEquals: {aws:a: [x, 'y']}, Bool: {aws:b: true}}",
    );
    let second = plain(
        "Effect: Allow\nCondition:\n  Bool: {aws:b: 'true'}\n  StringEquals: {aws:a: [y, x, x]}\nResource: ['*', '*']\n\
         Action: ['s3:Put*', S3:getobject]\nSid: B",
    );
    assert_eq!(first, second);
    let third = plain("Effect: Allow\nAction: s3:GetObject\nResource: '*'");
    assert_ne!(first, third);
}

const CONDITIONS: &str = "Conditions:\n  C: !Equals [!Ref E, prod]\n  D: !Not [!Condition C]\n";

#[test]
fn a_condition_that_makes_no_difference_is_not_named() {
    let conditions = |lines: &str| {
        let found = rows(&statements(lines, CONDITIONS));
        found
            .into_iter()
            .map(|Row { action, condition, .. }| format!("{action} {condition:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(conditions("Effect: Allow\nAction: !If [C, s3:A, s3:A]\nResource: '*'"), ["s3:A None"]);
    assert_eq!(
        conditions("Effect: Allow\nAction: [s3:A, !If [C, s3:A, s3:B]]\nResource: '*'"),
        ["s3:A None", "s3:B Some(\"if not C\")"]
    );
    assert_eq!(
        conditions("Effect: Allow\nAction: !If [C, !If [D, s3:A, s3:B], s3:A]\nResource: '*'"),
        ["s3:A Some(\"if C; if D\")", "s3:A Some(\"if not C\")", "s3:B Some(\"if C; if not D\")"]
    );
}

#[test]
fn a_guard_says_what_its_condition_means() {
    let lines = "Effect: Allow\nAction: s3:A\nResource: !If [D, a, !Ref 'AWS::NoValue']";
    let found = statements(lines, CONDITIONS);
    let guard = Guard { name: "D".into(), holds: true, means: "${Not(${Equals(${E}, prod)})}".into() };
    assert_eq!(found[0].only_if.iter().collect::<Vec<_>>(), [&guard]);
    let other = statements(lines, &CONDITIONS.replace("prod", "dev"));
    assert_ne!(found[0].only_if, other[0].only_if);
}

#[test]
fn lookups_by_one_key_go_together() {
    let maps = "Mappings:\n  R:\n    us-east-1: {B: one, T: t1}\n    eu-west-1: {B: two, T: t2}\n    only-b: {B: three}\n  \
                S:\n    us-east-1: {X: x1}\n    eu-west-1: {X: x2}\n";
    let lines = "Effect: Allow\nAction: s3:A\nResource: [!FindInMap [R, !Ref 'AWS::Region', B], fixed]\n\
                 Condition: {StringEquals: {k: !FindInMap [S, !Ref 'AWS::Region', X]}}";
    let found = statements(lines, maps);
    let said = rows(&found).into_iter().map(|row| format!("{} {}", row.resource, row.condition.unwrap()));
    let expected = [
        "fixed StringEquals k x1",
        "fixed StringEquals k x2",
        "one StringEquals k x1",
        "two StringEquals k x2",
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
    // A mapping that changes changes what the statement says.
    assert_ne!(found[0].resources, statements(lines, &maps.replace("B: two", "B: four"))[0].resources);
}
