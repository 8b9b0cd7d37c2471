//! What a scalar without quotes stands for.

use std::sync::LazyLock;

use regex_lite::Regex;
use serde_yaml::Value;

/// What YAML readers of version 1.1 or 1.2 may take for a number: whole numbers of any base, with underscores,
/// fractions, exponents, `12:30:45` (which is 45045 in YAML 1.1), infinity.
const NUMBER: &str = concat!(
    r"^[-+]?(",
    r"0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|",
    r"[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?|",
    r"([0-9][0-9_]*\.?|[0-9_]*\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?|",
    r"\.(inf|Inf|INF))$|^\.(nan|NaN|NAN)$",
);

/// Whether some YAML reader takes this text for a number when it stands without quotes. Dates do not count: here
/// they are always read as text.
pub(super) fn reads_as_number(text: &str) -> bool {
    static READER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NUMBER).ok());
    // Nearly every text of a spec begins with a letter, as no number does: that is faster to see.
    let begins_well = text.starts_with(|c: char| c.is_ascii_digit() || "-+._".contains(c));
    begins_well && READER.as_ref().is_some_and(|reader| reader.is_match(text))
}

/// The value of a text without quotes, by the core schema of YAML 1.2.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

/// The number that a text is in YAML 1.2. Digits after a leading zero are text, as serde_yaml has it: an account
/// id must not lose its zero on the way to the message about it.
fn number(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16)
            .ok()
            .filter(|_| !digits.starts_with(['+', '-']))
            .map(Value::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return i64::from_str_radix(digits, 8)
            .ok()
            .filter(|_| !digits.starts_with(['+', '-']))
            .map(Value::from);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let zero_led = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if zero_led || !reads_as_number(text) {
        return None;
    }
    let fraction = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    text.parse::<i64>().ok().map(Value::from).or_else(|| fraction().map(Value::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_some_reader_takes_for_a_number() {
        for text in [
            "0",
            "12",
            "-1",
            "+1",
            "123456789012",
            "012345678901",
            "2.0",
            "1.",
            ".5",
            "1e3",
            "12e5",
            "1.5E-3",
            "0o14",
            "014",
            "0x1F",
            "0b11",
            "1_000",
            "12:30",
            "12:30:45",
            "190:20:30.15",
            ".inf",
            "-.INF",
            ".nan",
        ] {
            assert!(reads_as_number(text), "{text}");
        }
        for text in [
            "",
            "-",
            "+",
            ".",
            "_",
            "e3",
            "a1",
            "7f3c9a51-acme",
            "2027-06-30",
            "1.2.3",
            "10.0.0.0/8",
            "yes",
            "null",
            "0x",
            "12:30:45:",
            "1e",
            "1-2",
        ] {
            assert!(!reads_as_number(text), "{text}");
        }
    }

    #[test]
    fn resolves_as_serde_yaml_does() {
        for text in [
            "~",
            "null",
            "Null",
            "true",
            "False",
            "yes",
            "on",
            "0",
            "12",
            "-1",
            "+1",
            "012345678901",
            "2.0",
            "1e3",
            "0o14",
            "0x1F",
            "12:30:45",
            "2027-06-30",
            "acme",
            "1_000",
            "1e309",
            "9223372036854775807",
            "0x-1",
            "infinity",
        ] {
            let other: Value = serde_yaml::from_str(text).unwrap();
            assert_eq!(resolve(text), other, "{text}");
        }
    }

    #[test]
    fn takes_any_size_of_number() {
        assert_eq!(resolve("99999999999999999999999"), Value::from(99_999_999_999_999_999_999_999.0));
    }
}
