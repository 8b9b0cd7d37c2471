//! Names and ids. Patterns come from the contract of the spec, or from the API models and CloudFormation schemas
//! named at each.

use crate::problem::{Code, Fault, shown};
use crate::vocab::Word;

pattern_word! {
    /// An AWS account id: 12 digits, always in quotes.
    AccountId, AccountId, pattern r"^[0-9]{12}$", examples ["111122223333"],
    what "an AWS account id", help "write the 12 digits of the account in quotes, like \"111122223333\""
}

pattern_word! {
    /// The name of the integration: folder under `out/` and part of every physical name. At most 20 characters, so
    /// that the longest bucket name stays within the 63 characters of Amazon S3.
    IntegrationName, Name, pattern r"^[a-z](-?[a-z0-9]){0,19}$", examples ["acme"],
    what "an integration name",
    help "use lower-case letters, digits and single hyphens, a letter first, at most 20 characters, like `acme-prod`"
}

pattern_word! {
    /// The name of the subscriber in Security Lake: 1 to 64 letters, digits and `-_:/.@=+` (the stricter of the
    /// CloudFormation schema and the API's reply type).
    SubscriberName, SubscriberName, pattern r"^[A-Za-z0-9_:/.@=+-]{1,64}$", examples ["lakelink-acme"],
    what "a subscriber name", help "use 1 to 64 letters, digits and `-_:/.@=+`, no blanks"
}

pattern_word! {
    /// The external id that the Detective console shows on its Integrations page: 2 to 1224 characters.
    ExternalId, ExternalId, pattern r"^[A-Za-z0-9_+=,.@:/-]+$" of 2 to 1224 characters, examples ["7f3c9a51-acme-detective"],
    what "an external id",
    help "copy the external id from the Integrations page of the Detective console: 2 to 1224 letters, digits and `_+=,.@:/-`"
}

pattern_word! {
    /// The id of the organization in AWS Organizations.
    OrganizationId, OrganizationId, pattern r"^o-[a-z0-9]{10,32}$", examples ["o-a1b2c3d4e5"],
    what "an organization id", help "copy it from `aws organizations describe-organization`; it looks like `o-a1b2c3d4e5`"
}

pattern_word! {
    /// The id of an organizational unit.
    OrganizationalUnit, OrganizationalUnit, pattern r"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$",
    examples ["ou-ab12-cdefghij"],
    what "an organizational unit id", help "copy it from AWS Organizations; it looks like `ou-ab12-cdefghij`"
}

pattern_word! {
    /// A bucket name as Detective takes it: 3 to 63 lower-case letters, digits and hyphens, no dots.
    Bucket, BucketName, pattern r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", examples ["acme-athena-results"],
    what "a bucket name that Detective takes",
    help "use `create`, or an existing bucket's name of 3 to 63 lower-case letters, digits and hyphens, without dots"
}

pattern_word! {
    /// The IAM path under which the roles and policies of lakelink live.
    RolePath, RolePath, pattern r"^/([A-Za-z0-9._+=,@-]{1,64}/){0,4}$", examples ["/lakelink/"],
    what "an IAM path", help "start and end it with a slash, at most four parts of letters, digits and `._+=,@-`, like `/lakelink/`"
}

impl RolePath {
    /// What it is where a spec has none.
    pub const DEFAULT: &'static str = "/lakelink/";
}

impl Default for RolePath {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

pattern_word! {
    /// The file name of a base spec, relative, ending in `.yaml` or `.yml`.
    BaseFile, BaseFile, pattern r"^[^/\\].*\.ya?ml$", examples ["base.yaml"],
    what "the name of a base spec", help "write a relative path that ends in `.yaml` or `.yml`"
}

pattern_word! {
    /// The name of a profile of the AWS CLI. The CLI takes nearly anything; it stands in brackets in a line of
    /// `~/.aws/config`, so brackets and line ends are what it cannot have.
    ProfileName, ProfileName, pattern r"^[^\s\x00-\x1f\x7f\[\]]([^\x00-\x1f\x7f\[\]]{0,126}[^\s\x00-\x1f\x7f\[\]])?$",
    examples ["security-lake"],
    what "the name of a profile", help "write a name that `aws configure list-profiles` prints"
}

pattern_word! {
    /// The id of a rule of the policy review, like `LL19`.
    RuleId, Acceptance, pattern r"^LL[0-9]{2}$", examples ["LL19"],
    what "the id of a review rule", help "write it like LL19"
}

pattern_word! {
    /// A place in the templates: STACK/ID, optionally with /SID or /#n.
    AcceptedPlace, Acceptance,
    pattern r"^(lake-roles|lake|lake-collection|detective-roles|detective|detective-console)/[A-Za-z0-9]+(/([A-Za-z0-9]+|#[0-9]+))?$",
    examples ["detective/GrantSelectVpcFlow"],
    what "a place in the templates", help "write the stack and the logical id, like detective/ResultsBucket, and a Sid or #n where it is one statement"
}

pattern_word! {
    /// Why a finding is accepted, in at least 20 characters.
    AcceptedReason, Acceptance, pattern r"^[^\x00-\x1f\x7f]+$" of 20 to 1000 characters,
    examples ["the console uses the workgroup primary"],
    what "a reason", help "say why in one line of at least 20 characters"
}

/// A day of the calendar, like `2027-06-30`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// The text, which sorts as the days do.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Word for Date {
    fn name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn schema() -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "description": "A day, like `2027-06-30`.", "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "examples": ["2027-06-30"],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let read = || {
            let mut parts = text.splitn(3, '-').map(|part| part.parse::<u32>().ok());
            let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                2 => 28 + u32::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let is_day = (1..=12).contains(&month) && (1..=days).contains(&day);
            (text.len() == 10 && is_day).then(|| Self(text.to_owned()))
        };
        read().ok_or_else(|| {
            Fault::new(
                Code::Acceptance,
                format!("{} is not a day of the calendar", shown(text)),
                "write year, month and day, like 2027-06-30",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RolePath;
    use crate::vocab::Word as _;

    #[test]
    fn the_default_path_is_one_that_could_be_read() {
        assert_eq!(RolePath::read(RolePath::DEFAULT).unwrap(), RolePath::default());
    }
}
