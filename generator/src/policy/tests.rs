use super::{Condition, Document, Statement};
use crate::render::json::to_json;
use crate::template::Value;

/// The statements of a document as JSON.
fn shown(statements: Vec<Statement>) -> String {
    let document = to_json(&Document(statements).value());
    assert_eq!(document["Version"], "2012-10-17");
    format!("{:#}", document["Statement"])
}

fn read() -> Statement {
    Statement::allow("Read", ["s3:GetObject"], vec![Value::text("arn:aws:s3:::a/*")])
}

#[test]
fn one_action_on_one_resource_is_no_list() {
    insta::assert_snapshot!(shown(vec![read()]), @r#"
    [
      {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::a/*"
      }
    ]
    "#);
}

#[test]
fn many_statements_keep_their_order_and_many_values_are_lists() {
    let on = vec![Value::text("arn:aws:s3:::b/*"), Value::sub("${Bucket.Arn}/*")];
    let write = Statement::allow("Write", ["s3:PutObject", "s3:AbortMultipartUpload"], on);
    insta::assert_snapshot!(shown(vec![write, read()]), @r#"
    [
      {
        "Sid": "Write",
        "Effect": "Allow",
        "Action": [
          "s3:PutObject",
          "s3:AbortMultipartUpload"
        ],
        "Resource": [
          "arn:aws:s3:::b/*",
          {
            "Fn::Sub": "${Bucket.Arn}/*"
          }
        ]
      },
      {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::a/*"
      }
    ]
    "#);
}

#[test]
fn conditions_of_one_operator_are_one_mapping() {
    let regions = vec![Value::text("us-east-1"), Value::text("eu-west-1")];
    let statement = read()
        .when(Condition::any("StringEquals", "aws:RequestedRegion", regions))
        .when(Condition::one("Bool", "aws:SecureTransport", "true"))
        .when(Condition::one("StringEquals", "aws:PrincipalAccount", Value::account()));
    insta::assert_snapshot!(shown(vec![statement]), @r#"
    [
      {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::a/*",
        "Condition": {
          "StringEquals": {
            "aws:RequestedRegion": [
              "us-east-1",
              "eu-west-1"
            ],
            "aws:PrincipalAccount": {
              "Ref": "AWS::AccountId"
            }
          },
          "Bool": {
            "aws:SecureTransport": "true"
          }
        }
      }
    ]
    "#);
}

#[test]
fn a_deny_is_about_everybody() {
    let deny = Statement::deny("DenyOldTls", ["s3:*"], vec![Value::GetAtt("Bucket".into(), "Arn")]);
    let deny = deny.when(Condition::one("NumericLessThan", "s3:TlsVersion", "1.2"));
    insta::assert_snapshot!(shown(vec![deny]), @r#"
    [
      {
        "Sid": "DenyOldTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": {
          "Fn::GetAtt": [
            "Bucket",
            "Arn"
          ]
        },
        "Condition": {
          "NumericLessThan": {
            "s3:TlsVersion": "1.2"
          }
        }
      }
    ]
    "#);
}

#[test]
fn trust_is_of_a_service_and_has_no_resource() {
    let trust = Statement::trust("CloudFormationOnly", "cloudformation.amazonaws.com");
    insta::assert_snapshot!(shown(vec![trust]), @r#"
    [
      {
        "Sid": "CloudFormationOnly",
        "Effect": "Allow",
        "Principal": {
          "Service": "cloudformation.amazonaws.com"
        },
        "Action": "sts:AssumeRole"
      }
    ]
    "#);
}
