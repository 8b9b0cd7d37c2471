//! When a crawler of AWS Glue runs by itself.
//!
//! Fields, values and wildcards: AWS Glue guide, `monitor-data-warehouse-schedule`. Crawlers take no `rate(…)`: the
//! registry schema of `AWS::Glue::Crawler` and the guide know cron expressions only.

use std::borrow::Cow;
use std::fmt;

use schemars::{Schema, json_schema};

use crate::problem::{Code, Fault, shown};
use crate::vocab::Word;

/// A schedule of AWS Glue: a cron of six fields, at most one run an hour, since its minute is one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(String);

impl Schedule {
    /// The pattern of the text. What each field may hold beyond the minute is checked after it.
    pub const PATTERN: &'static str = r"^cron\([0-5]?[0-9]( [0-9A-Z*?/,-]+){5}\)$";
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Word for Schedule {
    fn name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "A cron of AWS Glue, in UTC: minute, hour, day of month, month, day of week, year. One fixed minute, so at most one run an hour.",
            "pattern": Self::PATTERN, "examples": ["cron(0 6 * * ? *)"],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        match flaw(text) {
            None => Ok(Self(text.to_owned())),
            Some(help) => {
                let message =
                    format!("{} is not a schedule of AWS Glue with at most one run an hour", shown(text));
                Err(Fault::new(Code::Schedule, message, help))
            }
        }
    }
}

const LIKE: &str = "cron(0 6 * * ? *) is every day at six, UTC";

/// What to do about a text that is no schedule; `None` for one that is.
fn flaw(text: &str) -> Option<String> {
    if text.starts_with("rate(") {
        return Some(format!("a crawler of AWS Glue takes a cron, not a rate: {LIKE}"));
    }
    let inner = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
    let fields = inner.unwrap_or_default().split(' ').collect::<Vec<_>>();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else {
        return Some(format!("write a cron of six fields, with one blank between them: {LIKE}"));
    };
    if !is_number(minute, 0, 59) {
        return Some(format!(
            "write one fixed minute, 0 to 59, so that it runs at most once an hour: {LIKE}"
        ));
    }
    let fields = [(&HOUR, hour), (&DAY, day), (&MONTH, month), (&WEEKDAY, weekday), (&YEAR, year)];
    if let Some((field, written)) = fields.into_iter().find(|(field, written)| !field.takes(written)) {
        return Some(format!("{} is no {}: write {}", shown(written), field.what, field.range));
    }
    // One says which days, the other that it does not matter.
    if (*day == "?") == (*weekday == "?") {
        return Some(format!(
            "write `?` for the day of the month or for the day of the week, not for both: {LIKE}"
        ));
    }
    None
}

/// What may stand in a field of a cron, beside `*`.
struct Field {
    what: &'static str,
    range: &'static str,
    least: u32,
    most: u32,
    /// Names of the values, from the least on.
    names: &'static [&'static str],
    /// Words that are values, too.
    words: &'static [&'static str],
}

const HOUR: Field =
    Field { what: "hour", range: "`*` or 0 to 23", least: 0, most: 23, names: &[], words: &[] };
const DAY: Field = Field {
    what: "day of the month",
    range: "`*`, `?`, `L` or 1 to 31",
    least: 1,
    most: 31,
    names: &[],
    words: &["?", "L"],
};
const MONTH: Field = Field {
    what: "month",
    range: "`*`, 1 to 12 or JAN to DEC",
    least: 1,
    most: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    words: &[],
};
const WEEKDAY: Field = Field {
    what: "day of the week",
    range: "`*`, `?`, `L`, 1 to 7 or SUN to SAT",
    least: 1,
    most: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    words: &["?", "L"],
};
const YEAR: Field =
    Field { what: "year", range: "`*` or 1970 to 2199", least: 1970, most: 2199, names: &[], words: &[] };

impl Field {
    fn takes(&self, written: &str) -> bool {
        self.words.contains(&written)
            || self.is_weekday_of_month(written)
            || written.split(',').all(|part| self.takes_part(part))
    }

    /// `15W`: the working day nearest to the fifteenth.
    fn is_weekday_of_month(&self, written: &str) -> bool {
        self.most == DAY.most && written.strip_suffix('W').is_some_and(|day| self.is_value(day))
    }

    /// A value, a range or `*`, each with a step or without.
    fn takes_part(&self, part: &str) -> bool {
        let (values, step) = part.split_once('/').map_or((part, None), |(values, step)| (values, Some(step)));
        let (first, last) = values.split_once('-').unwrap_or((values, values));
        let has_values = values == "*" || self.is_value(first) && self.is_value(last);
        has_values && step.is_none_or(|step| is_number(step, 1, self.most))
    }

    fn is_value(&self, text: &str) -> bool {
        is_number(text, self.least, self.most) || self.names.contains(&text)
    }
}

fn is_number(text: &str, least: u32, most: u32) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::problem::Code;
    use crate::vocab::Word;

    #[test]
    fn once_an_hour_is_the_most() {
        for text in [
            "cron(0 6 * * ? *)",
            "cron(0 * * * ? *)",
            "cron(59 0/2 * * ? *)",
            "cron(15 8,20 ? * MON-FRI *)",
            "cron(5 0-6/3 1,15 * ? 2026-2030)",
            "cron(0 0 L * ? *)",
            "cron(0 0 15W JAN,7 ? *)",
            "cron(30 23 ? * L *)",
        ] {
            assert_eq!(Schedule::read(text).unwrap().to_string(), text);
            assert!(
                regex_lite::Regex::new(Schedule::PATTERN).unwrap().is_match(text),
                "the pattern refuses {text}"
            );
        }
    }

    #[test]
    fn more_often_or_not_at_all_is_refused_with_what_to_do() {
        let helps = [
            "cron(0/15 * * * ? *)",
            "cron(0,30 * * * ? *)",
            "cron(0-59 6 * * ? *)",
            "cron(* * * * ? *)",
            "cron(*/60 6 * * ? *)",
            "cron(60 6 * * ? *)",
            "cron(? 6 * * ? *)",
            "cron( 6 * * ? *)",
            "rate(30 minutes)",
            "rate(1 hour)",
            "cron(0 6 * * *)",
            "cron(0 6  * * ? *)",
            "cron(0 6 * * ? *) ",
            "0 6 * * ? *",
            "cron(0 24 * * ? *)",
            "cron(0 6/0 * * ? *)",
            "cron(0 6 32 * ? *)",
            "cron(0 6 * 13 ? *)",
            "cron(0 6 ? * MONDAY *)",
            "cron(0 6 ? * MON#1 *)",
            "cron(0 6 * * ? 26)",
            "cron(0 6 * * * *)",
            "cron(0 6 1 * MON *)",
            "cron(0 6 ? * ? *)",
            "daily",
        ]
        .map(|text| {
            let fault = Schedule::read(text).unwrap_err();
            assert_eq!(fault.code, Code::Schedule);
            format!("{text}: {}\n", fault.help)
        });
        insta::assert_snapshot!(helps.concat(), @"
        cron(0/15 * * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron(0,30 * * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron(0-59 6 * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron(* * * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron(*/60 6 * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron(60 6 * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron(? 6 * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        cron( 6 * * ? *): write one fixed minute, 0 to 59, so that it runs at most once an hour: cron(0 6 * * ? *) is every day at six, UTC
        rate(30 minutes): a crawler of AWS Glue takes a cron, not a rate: cron(0 6 * * ? *) is every day at six, UTC
        rate(1 hour): a crawler of AWS Glue takes a cron, not a rate: cron(0 6 * * ? *) is every day at six, UTC
        cron(0 6 * * *): write a cron of six fields, with one blank between them: cron(0 6 * * ? *) is every day at six, UTC
        cron(0 6  * * ? *): write a cron of six fields, with one blank between them: cron(0 6 * * ? *) is every day at six, UTC
        cron(0 6 * * ? *) : write a cron of six fields, with one blank between them: cron(0 6 * * ? *) is every day at six, UTC
        0 6 * * ? *: write a cron of six fields, with one blank between them: cron(0 6 * * ? *) is every day at six, UTC
        cron(0 24 * * ? *): `24` is no hour: write `*` or 0 to 23
        cron(0 6/0 * * ? *): `6/0` is no hour: write `*` or 0 to 23
        cron(0 6 32 * ? *): `32` is no day of the month: write `*`, `?`, `L` or 1 to 31
        cron(0 6 * 13 ? *): `13` is no month: write `*`, 1 to 12 or JAN to DEC
        cron(0 6 ? * MONDAY *): `MONDAY` is no day of the week: write `*`, `?`, `L`, 1 to 7 or SUN to SAT
        cron(0 6 ? * MON#1 *): `MON#1` is no day of the week: write `*`, `?`, `L`, 1 to 7 or SUN to SAT
        cron(0 6 * * ? 26): `26` is no year: write `*` or 1970 to 2199
        cron(0 6 * * * *): write `?` for the day of the month or for the day of the week, not for both: cron(0 6 * * ? *) is every day at six, UTC
        cron(0 6 1 * MON *): write `?` for the day of the month or for the day of the week, not for both: cron(0 6 * * ? *) is every day at six, UTC
        cron(0 6 ? * ? *): write `?` for the day of the month or for the day of the week, not for both: cron(0 6 * * ? *) is every day at six, UTC
        daily: write a cron of six fields, with one blank between them: cron(0 6 * * ? *) is every day at six, UTC
        ");
    }
}
