//! SARIF 2.1.0, for GitHub code scanning and other viewers.
//!
//! Limits and what is read of it: GitHub, "SARIF support for code scanning", and the sarif-limits table there (a run of
//! more than 25,000 results is rejected, the 5,000 most severe are shown; names and descriptions of rules at most 255 and
//! 1,024 characters; of the fingerprints only `primaryLocationLineHash` counts). Accepted findings are left out, since
//! GitHub ignores `suppressions` (github/codeql-action#1230).

use serde_json::{Value, json};

use super::results::Outcome;
use crate::cli::findings::{Spot, capital, explained};
use crate::review::rules::{RULES, Rule, Severity};

/// What GitHub takes of a run.
const MAX_RESULTS: usize = 25_000;

/// The log of a run that came to its end. One that did not has none: an empty log closes every alert.
pub(super) fn log(results: &[Outcome]) -> Value {
    let left_out = results.len().saturating_sub(MAX_RESULTS);
    let text =
        format!("{left_out} results are left out, the least severe ones: a run holds at most {MAX_RESULTS}");
    let notifications = (left_out > 0).then(|| json!({ "level": "warning", "message": { "text": text } }));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
            } },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications.into_iter().collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": results.iter().take(MAX_RESULTS).map(result).collect::<Vec<_>>(),
        }],
    })
}

/// A rule. GitHub makes high, medium and low of the number.
fn described(rule: &Rule) -> Value {
    let Rule { id, slug, severity, says, why, remedy, counterparts, .. } = rule;
    let number = match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Note => "2.0",
    };
    let others = match counterparts {
        [] => String::new(),
        others => format!("\n\n**Other tools:** {}.", others.join("; ")),
    };
    let says = capital(says);
    json!({
        "id": id,
        "name": slug,
        "shortDescription": { "text": format!("{says}.") },
        "fullDescription": { "text": format!("{says}: {why}.") },
        "help": {
            "text": explained(rule),
            "markdown": format!("{says}.\n\n**Why:** {why}.\n\n**What to do:** {remedy}.{others}"),
        },
        "defaultConfiguration": { "level": severity.word() },
        "properties": { "tags": ["security"], "precision": "high", "security-severity": number },
    })
}

fn result(outcome: &Outcome) -> Value {
    let Outcome { rule, severity, message, at, spot, template, fingerprint } = outcome;
    let related = template.as_ref().map(|template| {
        let mut location = location(template);
        location["id"] = json!(1);
        location
    });
    // The number is that of the related location: GitHub makes a link of it.
    let (message, at) = (literal(message), literal(at));
    let place = if related.is_some() { format!("[{at}](1)") } else { at };
    json!({
        "ruleId": rule.id,
        "ruleIndex": RULES.iter().position(|one| one.id == rule.id),
        "level": severity.word(),
        "message": { "text": format!("{message} ({place})") },
        "locations": [location(spot)],
        "relatedLocations": related.into_iter().collect::<Vec<_>>(),
        "partialFingerprints": { "primaryLocationLineHash": fingerprint },
    })
}

/// Text in which nothing is a link (SARIF 2.1.0, 3.11.6).
fn literal(text: &str) -> String {
    text.replace('\\', r"\\").replace('[', r"\[").replace(']', r"\]")
}

fn location(spot: &Spot) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&spot.file) },
        "region": { "startLine": spot.line.unwrap_or(1) },
    } })
}

/// A path as a reference; an absolute one is of a file.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{MAX_RESULTS, log};
    use crate::cli::findings::Spot;
    use crate::cli::review::results::Outcome;
    use crate::review::rules::RULES;

    #[test]
    fn a_run_holds_what_github_takes_and_says_what_is_missing() {
        let outcome = |n: usize| Outcome {
            rule: RULES[0],
            severity: RULES[0].severity,
            message: "a message".into(),
            at: "t/P".into(),
            spot: Spot { file: format!("é {n}.yaml"), line: None },
            template: None,
            fingerprint: n.to_string(),
        };
        let run = |count: usize| log(&(0..count).map(outcome).collect::<Vec<_>>())["runs"][0].clone();
        let (full, more) = (run(MAX_RESULTS), run(MAX_RESULTS + 2));
        let said = |run: &serde_json::Value| run["invocations"][0]["toolExecutionNotifications"].clone();
        assert_eq!(
            (full["results"].as_array(), said(&full)),
            (more["results"].as_array(), serde_json::json!([]))
        );
        assert!(said(&more)[0]["message"]["text"].as_str().unwrap().starts_with("2 results are left out"));
        let place = &more["results"][7]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "%C3%A9%207.yaml");
        assert_eq!(
            (place["region"]["startLine"].as_u64(), more["results"].as_array().unwrap().len()),
            (Some(1), MAX_RESULTS)
        );
    }

    #[test]
    fn nothing_in_a_text_is_a_link() {
        assert_eq!(super::literal(r"a [b](https://c)\d"), r"a \[b\](https://c)\\d");
    }
}
