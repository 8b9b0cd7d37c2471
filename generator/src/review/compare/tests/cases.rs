//! Changes that reviewers meet, and what they read of them.

use std::fmt::Write as _;

use super::touched_and_all;
use crate::review::compare::{Kind, compare, sign};
use crate::review::{Access, Account, Stack, access_together, scan};

/// What templates by these names allow.
fn of_templates(templates: &[(&str, &str)]) -> Access {
    let mut all = Access::default();
    for (name, text) in templates {
        let template = scan(text.as_bytes()).template().expect("a template");
        let stack = Stack { integration: None, name: (*name).to_owned(), account: Account::This, template };
        let access = access_together(&[stack]);
        all.statements.extend(access.statements);
        all.unread.extend(access.unread);
    }
    all
}

const TEMPLATE: &str = "\
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      PermissionsBoundary: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limit'
      AssumeRolePolicyDocument:
        Statement:
          - Sid: Partner
            Effect: Allow
            Principal: {AWS: 'arn:aws:iam::999900001111:role/scanner'}
            Action: sts:AssumeRole
            Condition: {StringEquals: {sts:ExternalId: 0123456789abcdef}}
      Policies:
        - PolicyName: read
          PolicyDocument:
            Statement:
              - {Sid: Read, Effect: Allow, Action: [s3:GetObject, s3:GetObjectVersion], Resource: 'arn:aws:s3:::logs/app/*'}
              - {Sid: NotRaw, Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::logs/raw/*'}
              - !If [IsProd, {Sid: Tag, Effect: Allow, Action: s3:PutObjectTagging, Resource: 'arn:aws:s3:::logs/app/*'}, !Ref 'AWS::NoValue']
              - Sid: Keys
                Effect: Allow
                Action: kms:Decrypt
                Resource: !Ref Key
                Condition: {NumericLessThan: {aws:MultiFactorAuthAge: 300}, StringEquals: {kms:ViaService: s3.us-east-1.amazonaws.com}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: logs
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {Sid: Audit, Effect: Allow, Principal: {AWS: 'arn:aws:iam::999900001111:role/audit'}, Action: s3:GetObject, Resource: !Sub '${Bucket.Arn}/*'}
          - {Sid: Tls, Effect: Deny, Principal: '*', Action: 's3:*', Resource: !Sub '${Bucket.Arn}/*', Condition: {Bool: {aws:SecureTransport: false}}}
  Share:
    Type: AWS::RAM::ResourceShare
    Properties:
      Name: tables
      AllowExternalPrincipals: false
      Principals: ['999900001111']
      ResourceArns: ['arn:aws:glue:us-east-1:111122223333:database/d']
  Grant:
    Type: AWS::LakeFormation::PrincipalPermissions
    Properties:
      Principal: {DataLakePrincipalIdentifier: 'arn:aws:iam::444455556666:role/analyst'}
      Resource: {Table: {CatalogId: '111122223333', DatabaseName: d, Name: t}}
      Permissions: [SELECT]
      PermissionsWithGrantOption: []
";

#[test]
fn one_change_at_a_time() {
    let mut shown = String::new();
    for (title, from, to) in [
        (
            "condition dropped",
            "            Condition: {StringEquals: {sts:ExternalId: 0123456789abcdef}}\n",
            "",
        ),
        (
            "condition with IfExists",
            "{StringEquals: {sts:ExternalId",
            "{StringEqualsIfExists: {sts:ExternalId",
        ),
        (
            "condition added to a Deny",
            "{aws:SecureTransport: false}}",
            "{aws:SecureTransport: false}, StringNotEquals: {aws:PrincipalArn: x}}",
        ),
        ("other external id", "0123456789abcdef", "fedcba9876543210"),
        ("trust to everybody", "{AWS: 'arn:aws:iam::999900001111:role/scanner'}", "'*'"),
        ("trust to another role", "role/scanner", "role/other"),
        ("trust to the account", "'arn:aws:iam::999900001111:role/scanner'", "'999900001111'"),
        ("action added", "s3:GetObjectVersion]", "s3:GetObjectVersion, s3:PutObject]"),
        ("action with a wildcard", "[s3:GetObject, s3:GetObjectVersion]", "'s3:GetObject*'"),
        (
            "resource with a wildcard",
            "'arn:aws:s3:::logs/app/*'}\n              - {Sid: NotRaw",
            "'arn:aws:s3:::logs/*'}\n              - {Sid: NotRaw",
        ),
        (
            "resource added",
            "Resource: 'arn:aws:s3:::logs/app/*'}\n              - {Sid: NotRaw",
            "Resource: ['arn:aws:s3:::logs/app/*', 'arn:aws:s3:::other/*']}\n              - {Sid: NotRaw",
        ),
        (
            "resource narrower",
            "'arn:aws:s3:::logs/app/*'}\n              - {Sid: NotRaw",
            "'arn:aws:s3:::logs/app/x/*'}\n              - {Sid: NotRaw",
        ),
        (
            "deny removed",
            "              - {Sid: NotRaw, Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::logs/raw/*'}\n",
            "",
        ),
        (
            "deny with an exception",
            "{Sid: NotRaw, Effect: Deny, Action: 's3:*', Resource:",
            "{Sid: NotRaw, Effect: Deny, Action: 's3:*', NotResource:",
        ),
        (
            "deny added",
            "              - {Sid: NotRaw",
            "              - {Sid: NoDelete, Effect: Deny, Action: 's3:Delete*', Resource: '*'}\n              - {Sid: NotRaw",
        ),
        (
            "boundary removed",
            "      PermissionsBoundary: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limit'\n",
            "",
        ),
        ("another boundary", "policy/limit", "policy/other"),
        ("public-access flag off", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
        ("share opened", "      AllowExternalPrincipals: false\n", ""),
        (
            "share with another account",
            "Principals: ['999900001111']",
            "Principals: ['999900001111', '999900002222']",
        ),
        ("grant with option", "PermissionsWithGrantOption: []", "PermissionsWithGrantOption: [SELECT]"),
        ("grant of all", "Permissions: [SELECT]", "Permissions: [ALL]"),
        ("grant on every table", "DatabaseName: d, Name: t", "DatabaseName: d, TableWildcard: {}"),
        (
            "condition of the template dropped",
            "!If [IsProd, {Sid: Tag, Effect: Allow, Action: s3:PutObjectTagging, Resource: 'arn:aws:s3:::logs/app/*'}, !Ref 'AWS::NoValue']",
            "{Sid: Tag, Effect: Allow, Action: s3:PutObjectTagging, Resource: 'arn:aws:s3:::logs/app/*'}",
        ),
        ("condition of the template changed", "!Equals [!Ref Stage, prod]", "!Equals [!Ref Stage, test]"),
        ("number changed", "300", "3600"),
        (
            "policy from elsewhere",
            "          PolicyDocument:\n            Statement:\n              - {Sid: Read",
            "          PolicyDocument: !Ref Given\n        - PolicyName: rest\n          PolicyDocument:\n            Statement:\n              - {Sid: Read",
        ),
        ("nothing: partition spelled out", "arn:${AWS::Partition}:iam", "arn:aws:iam"),
        (
            "nothing: another Sid and order",
            "Action: [s3:GetObject, s3:GetObjectVersion]",
            "Action: [S3:getobjectversion, s3:GetObject]",
        ),
    ] {
        let changed = TEMPLATE.replacen(from, to, 1);
        assert_ne!(changed, TEMPLATE, "{title}");
        let changes = compare(&of_templates(&[("t", TEMPLATE)]), &of_templates(&[("t", &changed)]));
        // Beside a second stack of the same, too, what is left out changes nothing.
        let two = |text| of_templates(&[("t", text), ("u", TEMPLATE)]);
        let (before, now) = (two(TEMPLATE), two(&changed));
        let [touched, all] = touched_and_all(&before, &now);
        assert_eq!(super::changes(&touched), super::changes(&all), "{title}");
        writeln!(shown, "{title}").unwrap();
        for change in &changes {
            writeln!(shown, "{} {}", sign(change.kind), change.sentence()).unwrap();
            let place = change.place().expect("a place");
            writeln!(shown, "    {place}, line {}", place.line.expect("a line")).unwrap();
        }
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn an_attached_policy_is_no_action_of_another_one() {
    let with = |actions: &str, policies: &str| {
        format!(
            "Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument: {{Statement: []}}
      ManagedPolicyArns: [{policies}]
      Policies:
        - PolicyName: own
          PolicyDocument: {{Statement: [{{Effect: Allow, {actions}, Resource: '*'}}]}}
"
        )
    };
    let changes = |actions: &str| {
        let [before, after] = ["", "'arn:aws:iam::aws:policy/AdministratorAccess'"]
            .map(|policies| of_templates(&[("t", &with(actions, policies))]));
        compare(&before, &after).iter().map(|change| change.kind).collect::<Vec<_>>()
    };
    assert_eq!(changes("NotAction: 'iam:*'"), [Kind::New]);
    assert_eq!(changes("Action: 's3:*'"), [Kind::New]);
    // Who may do everything gets nothing by it.
    assert_eq!(changes("Action: '*'"), []);
}

#[test]
fn words_of_grants_are_no_actions_of_a_policy() {
    let with = |actions: &str| {
        format!(
            "Resources:
  Reader:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [reader]
      PolicyDocument:
        Statement:
          - {{Effect: Allow, {actions}, Resource: '*'}}
  Grant:
    Type: AWS::LakeFormation::PrincipalPermissions
    Properties:
      Principal: {{DataLakePrincipalIdentifier: !Sub 'arn:aws:iam::${{AWS::AccountId}}:role/reader'}}
      Resource: {{Database: {{CatalogId: !Ref 'AWS::AccountId', Name: logs}}}}
      Permissions: [DESCRIBE]
      PermissionsWithGrantOption: []
"
        )
    };
    let (some, all) = (with("NotAction: 's3:*'"), with("Action: '*'"));
    let changes = compare(&of_templates(&[("t", &some)]), &of_templates(&[("t", &all)]));
    assert_eq!(changes.iter().map(|change| change.kind).collect::<Vec<_>>(), [Kind::Wider]);
}

#[test]
fn what_moved_is_the_same() {
    let before = of_templates(&[("a", TEMPLATE), ("b", "Resources: {Q: {Type: 'AWS::SQS::Queue'}}")]);
    let renamed = of_templates(&[("c", TEMPLATE), ("b", "Resources: {Q: {Type: 'AWS::SQS::Queue'}}")]);
    assert_eq!(compare(&before, &renamed), []);
    let moved = TEMPLATE.replace("  BucketPolicy:", "  PolicyOfBucket:").replace("Sid: Read", "Sid: Reading");
    assert_eq!(compare(&before, &of_templates(&[("a", &moved)])), []);
    // The same names in a second template are those of a second stack.
    let copied = compare(&before, &of_templates(&[("a", TEMPLATE), ("c", TEMPLATE)]));
    assert!(
        !copied.is_empty() && copied.iter().all(|change| matches!(change.kind, Kind::New | Kind::Narrower))
    );
}
