use std::collections::BTreeSet;

use super::{Cause, TABLES, explain};

/// The lines of `samples.txt`: the name of an entry, what failed, what was said.
fn samples() -> Vec<(&'static str, &'static str, &'static str)> {
    include_str!("samples.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (id, rest) = line.split_once(" | ").expect(line);
            let (kind, reason) = rest.split_once("| ").expect(line);
            (id, kind.trim(), reason)
        })
        .collect()
}

fn all() -> impl Iterator<Item = &'static Cause> {
    TABLES.iter().copied().flatten()
}

fn id_of(kind: &str, reason: &str) -> &'static str {
    explain(kind, reason).map_or("none", |cause| cause.id)
}

#[test]
fn each_sample_finds_its_entry() {
    for (id, kind, reason) in samples() {
        assert_eq!(id_of(kind, reason), id, "{kind}: {reason}");
        assert_eq!(id_of(&kind.to_uppercase(), &reason.to_uppercase()), id, "{kind}, in capitals: {reason}");
    }
}

#[test]
fn each_text_of_each_entry_is_reached_by_a_sample() {
    for cause in all() {
        for parts in cause.texts {
            let found = samples().iter().any(|(id, _, reason)| {
                let reason = reason.to_lowercase();
                *id == cause.id && parts.iter().all(|part| reason.contains(part))
            });
            assert!(found, "{}: no sample says {parts:?}", cause.id);
        }
    }
}

/// Its texts are ours, so they can be kept in step.
#[test]
fn what_the_accepting_function_says_is_known_by_its_own_words() {
    let source = include_str!("../../../acceptor/acceptor.py").to_lowercase();
    for id in ["share-dead", "share-not-visible", "shares-ambiguous", "share-of-other-account", "ram-slow"] {
        let cause = all().find(|cause| cause.id == id).unwrap();
        assert!(source.contains(cause.texts[0][0]), "{id}: {:?}", cause.texts[0]);
    }
    let failed = all().find(|cause| cause.id == "function-failed").unwrap();
    assert!(source.contains(failed.texts[0][1]));
}

#[test]
fn what_only_looks_alike_is_not_explained() {
    for (kind, reason) in [
        // What says only that something else failed, or that nothing did.
        (
            "AWS::CloudFormation::Stack",
            "The following resource(s) failed to create: [Subscriber]. Rollback requested by user.",
        ),
        ("AWS::SSM::Parameter", "Resource creation cancelled"),
        ("AWS::SecurityLake::Subscriber", "Resource creation Initiated"),
        (
            "CreateChangeSet",
            "The submitted information didn't contain changes. Submit different information to create a change set.",
        ),
        ("CreateChangeSet", "No updates are to be performed."),
        ("", ""),
        // The words of one service in the mouth of another.
        ("AWS::S3::BucketPolicy", "Data lake x was not found"),
        ("AWS::Glue::Database", "EntityNotFoundException: Database x"),
        ("AWS::Glue::Crawler", "A conflict occurred when processing the request"),
        ("AWS::S3::BucketPolicy", "The specified bucket does not exist (Service: S3, Status Code: 404)"),
        ("AWS::SSM::Parameter", "The bucket is not empty"),
        ("AcceptResourceShareInvitation", "OperationNotPermittedException: The operation failed"),
        // A stack that can be updated, and one that is only being spoken of.
        ("CreateChangeSet", "Stack:x is in UPDATE_ROLLBACK_COMPLETE state"),
        ("ContinueUpdateRollback", "Stack x is in UPDATE_COMPLETE state and continuation is not possible"),
        ("CreateChangeSet", "Parameter Schedule failed to satisfy constraint: must be a schedule"),
        // A handler's failures that say nothing.
        (
            "AWS::Athena::NamedQuery",
            "Resource handler returned message: \"null\" (HandlerErrorCode: InternalFailure)",
        ),
        (
            "AWS::SecurityLake::Subscriber",
            "Resource handler returned message: \"null\" (HandlerErrorCode: NotStabilized)",
        ),
        ("", "Invalid principal: somebody"),
        ("", "already exists"),
    ] {
        assert_eq!(id_of(kind, reason), "none", "{kind}: {reason}");
    }
}

#[test]
fn names_are_unique_and_texts_can_match() {
    let mut seen = BTreeSet::new();
    for cause in all() {
        assert!(seen.insert(cause.id), "{} stands twice", cause.id);
        assert!(cause.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", cause.id);
        assert!(!cause.texts.is_empty(), "{} is never found", cause.id);
        for parts in cause.texts {
            assert!(!parts.is_empty(), "{} is found in any text", cause.id);
            for part in *parts {
                assert!(part.len() > 2 && *part == part.to_lowercase(), "{}: {part:?}", cause.id);
            }
        }
    }
    assert!(seen.len() >= 25);
}

#[test]
fn causes_and_cures_are_in_the_style_of_messages() {
    const NAMES: &[&str] =
        &["AWS", "CloudFormation", "IAM", "KMS", "Lambda", "Lake Formation", "Security Lake"];
    for cause in all() {
        for text in [cause.cause, cause.cure] {
            let begins_low = text.starts_with(|c: char| c.is_ascii_lowercase());
            assert!(begins_low || NAMES.iter().any(|name| text.starts_with(name)), "{}: {text}", cause.id);
            assert!(!text.ends_with(['.', '!', ' ', ';', ':']), "{}: {text}", cause.id);
            assert!(!text.contains("  ") && !text.contains('\n'), "{}: {text}", cause.id);
            assert!(text.matches('`').count() % 2 == 0, "{}: {text}", cause.id);
            assert!((20..420).contains(&text.len()), "{}: {} characters", cause.id, text.len());
        }
        assert!(cause.source.starts_with("https://"), "{}: {}", cause.id, cause.source);
    }
}

/// What stands in backticks in the texts.
fn quoted() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().flat_map(|cause| {
        let spans = [cause.cause, cause.cure].into_iter().flat_map(|text| text.split('`').skip(1).step_by(2));
        spans.map(|span| (cause.id, span))
    })
}

#[test]
fn cures_name_commands_and_flags_that_there_are() {
    const COMMANDS: &[&str] = &["deploy", "destroy", "generate", "handoff", "status"];
    const FLAGS: &[&str] = &["--check", "--only", "--recreate-failed", "--region", "--write"];
    const STACKS: &[&str] = &["roles", "lake", "detective", "console", "lake-roles", "detective-roles"];
    for (id, command) in quoted().filter(|(_, span)| span.starts_with("lakelink ")) {
        let words: Vec<_> = command.split(' ').skip(1).collect();
        assert!(COMMANDS.contains(&words[0]), "{id}: {command}");
        for flag in words.iter().filter(|word| word.starts_with('-')) {
            assert!(FLAGS.contains(flag), "{id}: {command}");
        }
        if let Some(at) = words.iter().position(|word| *word == "--only") {
            assert!(STACKS.contains(&words[at + 1]), "{id}: {command}");
        }
    }
}

#[test]
fn cures_name_keys_that_a_spec_has() {
    let schema = crate::spec::json_schema().to_string();
    for (id, span) in quoted() {
        let path = span.split(": ").next().unwrap();
        let is_key = path.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.' | '*'));
        if !is_key || path.ends_with("amazonaws.com") {
            continue;
        }
        for key in path.split('.').filter(|key| *key != "*") {
            assert!(schema.contains(&format!("\"{key}\":")), "{id}: `{span}` has no key `{key}`");
        }
    }
}
