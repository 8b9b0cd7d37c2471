//! What is wrong with a spec: codes, spec paths, problems. How they look is `report`'s business.
//!
//! A problem knows *what* and the spec path; the place in the file is looked up by [`crate::document`]
//! when it is shown, so no later stage carries line numbers around.

use std::fmt;
use std::ops::Range;

/// How bad a problem is. Errors end a command with exit code 3, warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The spec cannot be rendered.
    Error,
    /// The spec can be rendered, but a careful engineer would want to know.
    Warning,
}

impl Severity {
    /// The word used in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Declares every problem code once: number, name, severity, and the one-line meaning that `check --help` and
/// the docs show. Numbers are never reused: scripts match on them.
macro_rules! codes {
    ($($id:literal $name:ident $severity:ident $meaning:literal;)*) => {
        /// A stable problem code (`LS001`…).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $name,)* }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as users see it.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// Error or warning.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What the code stands for, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    // The file as text.
    "LS001" TooLarge Error "the file is larger than 1 MiB";
    "LS002" NotUtf8 Error "the file is not UTF-8 text";
    "LS003" ControlCharacter Error "the file holds a control character";
    "LS004" Syntax Error "the file is not well-formed YAML";
    "LS005" Empty Error "the file holds no document";
    "LS006" TooDeep Error "the document is nested deeper than 32 levels";
    "LS007" Anchor Error "the document uses an anchor or an alias";
    "LS008" Tag Error "the document uses a tag";
    "LS009" SecondDocument Error "the file holds a second document";
    "LS010" DuplicateKey Error "a key stands twice in one mapping";
    "LS011" KeyNotText Error "a key is not plain text";
    // The shape of the document.
    "LS012" UnknownKey Error "a key is not part of the spec format";
    "LS013" MissingKey Error "a required key is missing";
    "LS014" WrongKind Error "a value is of the wrong kind";
    "LS015" Unquoted Error "text that reads as a number stands without quotes";
    "LS016" NoValue Error "a key has no value";
    "LS017" EmptyList Error "a list that needs an item is empty";
    // Single values.
    "LS020" FormatVersion Error "the spec format version is not known";
    "LS021" Name Error "not an integration name";
    "LS022" AccountId Error "not an AWS account id";
    "LS023" UnknownRegion Error "not an AWS Region that lakelink knows";
    "LS024" UnknownWord Error "not one of the words allowed here";
    "LS025" SourceVersion Error "not a source version of Security Lake";
    "LS026" UnknownSource Error "not a log source of Security Lake";
    "LS027" SubscriberName Error "not a subscriber name";
    "LS028" ExternalId Error "not an external id";
    "LS029" OrganizationId Error "not an organization id";
    "LS030" OutOfRange Error "a number is out of its range";
    "LS031" BucketName Error "not a bucket name that Detective takes";
    "LS032" RolePath Error "not an IAM path";
    "LS033" Boundary Error "not a permissions boundary";
    "LS034" Schedule Error "not a schedule of at most one run an hour";
    "LS035" OrganizationalUnit Error "not an organizational unit id";
    "LS036" BadTag Error "not a tag that AWS takes";
    "LS037" ReservedTag Error "a tag key starts with `aws:` or `lakelink:`";
    "LS038" TooManyTags Error "more than 40 tags";
    "LS039" BaseFile Error "not the name of a base spec";
    // Principals and roles.
    "LS040" PrincipalArn Error "not an IAM ARN";
    "LS041" SessionPrincipal Error "a principal is a session, not a role";
    "LS042" WildcardPrincipal Error "a principal holds a wildcard";
    "LS043" PrincipalKind Error "a principal is neither a role nor a user";
    "LS044" ForeignPrincipal Error "a principal is not of the Detective account";
    "LS045" DuplicatePrincipal Error "a principal stands twice";
    "LS046" RoleArn Error "not the ARN of an IAM role";
    "LS047" ForeignRole Error "a role is not of the account that it is for";
    "LS048" WrongPartition Error "an ARN is not of the partition of the Regions";
    "LS049" ArnTooLong Error "an ARN is longer than Lake Formation takes";
    // The integration as a whole.
    "LS050" EqualAccounts Error "the lake account is the Detective account";
    "LS051" NoSecurityLake Error "a Region without Security Lake";
    "LS052" NoDetective Error "a Region without Detective";
    "LS053" DuplicateRegion Error "a Region stands twice";
    "LS054" MixedPartitions Error "Regions of two partitions in one spec";
    "LS055" RequiredSource Error "a source that Detective needs is missing";
    "LS056" DuplicateSource Error "a source stands twice";
    "LS057" SourceNeedsVersion2 Error "a source that exists in version 2.0 only";
    "LS058" SourceNotRead Warning "a source that Detective does not read";
    "LS059" NoExternalId Error "the subscriber has no external id";
    "LS060" ShortExternalId Warning "a short external id";
    "LS061" GuessableExternalId Warning "the external id is an account id";
    "LS062" ExistingSubscriber Error "an existing subscriber with keys that only fit one of ours";
    "LS063" RegionPair Error "a Detective Region paired with another lake Region than its own";
    "LS064" ValuePerRegion Error "one value where each Region needs its own";
    "LS065" MixedKinds Error "Regions of one spec that need different templates";
    "LS066" KeyRegion Error "a key of another Region than its bucket";
    "LS067" ForeignKey Error "a key of another account than the Detective account";
    "LS068" NeedsOwnBucket Error "a key of the spec that needs a bucket of lakelink's own";
    // Hand-off.
    "LS070" ShareArn Error "not the ARN of a RAM resource share";
    "LS071" ForeignShare Error "a share of another account than the lake account";
    "LS072" ShareRegion Error "a share of another Region than its key";
    "LS073" MissingShare Error "a pinned hand-off without the share of a Region";
    "LS074" UnusedShare Error "a share that no part of the spec uses";
    "LS075" HandOff Error "a hand-off that cannot work";
    "LS076" NoOrganization Error "acceptance by organization without an organization id";
    "LS077" OutputRunsAsOther Error "an output that does not run as the service role";
    "LS078" Acceptance Error "an accepted finding that is not exact, reasoned and dated";
    "LS079" NotYet Error "a part of the spec format that this version does not render yet";
    // Several specs in one run.
    "LS080" SameName Error "two specs with one name";
    "LS081" SameDetectiveRegion Error "two specs for one Detective account and Region";
    "LS083" SameSubscriber Error "two specs with one subscriber name in one lake account";
    "LS084" SameExternalId Error "two specs with one external id in one lake account";
    // What a spec builds on.
    "LS086" BaseMissing Error "a base spec that is not there";
    "LS087" BaseOutside Error "a base spec outside the folder tree";
    "LS088" BaseCircle Error "base specs that go in a circle";
    "LS089" BasesTooDeep Error "more than 8 base specs above one another";
    // Limits of AWS that the rendered templates would break.
    "LS090" TemplateTooLarge Error "a template would be larger than CloudFormation takes";
    "LS091" TooManyResources Error "a template would hold more resources than CloudFormation takes";
    "LS092" PolicyTooLarge Error "an IAM policy would be larger than IAM takes";
    // What a spec builds on, too.
    "LS093" DuplicateBase Error "a base spec stands twice";
    // Collection, and a subscriber that exists.
    "LS094" SameCollection Error "two specs that turn on the sources of one lake Region";
    "LS095" DuplicateAccount Error "an account to collect from stands twice";
    "LS096" ExistingNeedsPinned Error "an existing subscriber without pinned shares";
    // Detective Regions apart from their lake Region.
    "LS098" ConsoleApart Warning "a Detective Region that reads the lake of another Region";
    "LS099" SameLakeRegion Error "two specs for one Detective account and lake Region";
    "LS100" ConsoleHandOff Error "a hand-off that a console apart from its lake Region cannot take";
    // Crawlers that are refused.
    "LS101" CrossAccountCrawler Error "a crawler over the bucket of the lake account";
    "LS102" CatalogCrawler Error "a crawler over tables that Security Lake keeps up to date";
    "LS103" IcebergCrawler Error "a crawler over Iceberg tables, which are catalogued already";
    "LS104" CustomSourceCrawler Error "a crawler of a custom source, which Security Lake makes by itself";
    "LS105" OtherTargetCrawler Error "a crawler over another place than `evidence/`";
    // What several keys say together, too.
    "LS111" TooManyProblems Error "more problems in one file than are shown";
    "LS112" AdministratorQueries Error "a principal is the role that becomes a Lake Formation administrator";
    "LS113" SharedBucket Error "one bucket for two Regions";
    "LS114" TagCase Error "two tag keys that differ in case only";
    "LS115" UnusedExternalId Warning "an external id for assuming a role, but no role";
    "LS116" NothingToAttach Warning "a policy that would be attached to nobody";
    // The local file.
    "LS117" ProfileName Error "not the name of a profile";
    // An account where nothing is deployed.
    "LS118" NothingDeployed Warning "an execution role or a boundary for an account where nothing is deployed";
    // Stack sets.
    "LS121" MissingStackSetSetting Error "stack sets without what their permission model needs";
    "LS122" UnusedStackSetSetting Error "a setting of stack sets that their permission model does not have";
    "LS123" ManagementAccount Error "stack sets of an organization for its management account";
    "LS124" UnreachableRole Error "an execution role that StackSets cannot name";
    "LS125" UnusualRole Error "an execution role that StackSets does not make in an organization";
    // Git sync.
    "LS126" GitSyncTemplates Error "deployment files of Git sync without the templates that they name";
    // Several specs in one run, too.
    "LS127" SharedRole Warning "two specs that render one role of StackSets";
    // Who deploys.
    "LS128" StackSetsOutput Error "a rollout by stack sets without the output that it goes by";
    "LS129" TwoDeployers Error "two tools that would each make the same stacks";
    "LS130" CfctRole Error "an execution role that Customizations for Control Tower do not deploy as";
    "LS131" WithoutEffect Warning "a setting without effect, or with effect on the roles stacks only";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// One step of a [`SpecPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A key of a mapping.
    Key(String),
    /// An item of a list, counted from 0.
    Item(usize),
}

/// Where in the spec a value stands, like `detective.principals[1]`; empty for the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecPath(Vec<Step>);

impl SpecPath {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of `key` in the mapping that stands here.
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.join(Step::Key(key.into()))
    }

    /// The path of the item at `index` in the list that stands here.
    pub fn item(&self, index: usize) -> Self {
        self.join(Step::Item(index))
    }

    /// The path one level up, `None` for the whole document.
    pub fn parent(&self) -> Option<Self> {
        let (_, front) = self.0.split_last()?;
        Some(Self(front.to_vec()))
    }

    /// The steps from the document down.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// How many characters of a key a path shows: no key of the format is as long.
const LONGEST_KEY: usize = 200;

impl fmt::Display for SpecPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    let plain = !key.is_empty()
                        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
                    let dot = if n == 0 { "" } else { "." };
                    if let Some((cut, _)) = key.char_indices().nth(LONGEST_KEY) {
                        write!(f, "{dot}\"{}…\"", key.get(..cut).unwrap_or_default().escape_debug())?;
                    } else if plain {
                        write!(f, "{dot}{key}")?;
                    } else {
                        write!(f, "{dot}{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Which part of the text a problem points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The value at the path; where there is none (a missing key), the nearest key above it.
    Value,
    /// The key at the path.
    Key,
    /// These bytes of the document's text, for problems found before there are paths.
    Bytes(Range<usize>),
}

/// What is wrong with a single value, before anybody knows where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The code of the problem that this becomes.
    pub code: Code,
    /// What is wrong: lower case, no full stop, values in backticks.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    /// A fault from its three parts.
    pub fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }

    /// The problem that this fault is at `path`.
    pub fn at(self, path: SpecPath) -> Problem {
        Problem {
            code: self.code,
            path,
            at: At::Value,
            message: self.message,
            help: self.help,
            also: Vec::new(),
            note: None,
            specs: Vec::new(),
        }
    }
}

/// One thing that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// Where in the spec; for an unknown or a missing key the key's own path.
    pub path: SpecPath,
    /// Which part of the text to point at.
    pub at: At,
    /// What is wrong: lower case, no full stop, values in backticks.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Further places that belong to the problem, each with what it is ("first used here").
    pub also: Vec<(At, SpecPath, String)>,
    /// What else there is to know, such as a place in another file.
    pub note: Option<String>,
    /// The other specs that it is a problem of, by their files, since they build on this one.
    pub specs: Vec<String>,
}

impl Problem {
    /// Points at the key instead of the value.
    pub fn at_key(mut self) -> Self {
        self.at = At::Key;
        self
    }

    /// Points at bytes of the text.
    pub fn at_bytes(mut self, range: Range<usize>) -> Self {
        self.at = At::Bytes(range);
        self
    }

    /// Adds what else there is to know, such as a place in another file.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Adds a second place in the same file.
    pub fn also(mut self, path: SpecPath, label: impl Into<String>) -> Self {
        self.also.push((At::Value, path, label.into()));
        self
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// How many characters of a value a message shows.
const SHOWN: usize = 60;

/// A value as messages show it: in backticks, control characters escaped, cut when it is long.
pub fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(visible).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// A character as it may stand in a message: what could move the cursor, turn the direction of text, or not be seen
/// becomes an escape.
pub(crate) fn visible(char: char) -> impl Iterator<Item = char> {
    let hidden = matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let escape = (hidden || char.is_control() && char != '\t').then(|| char.escape_default());
    let plain = escape.is_none().then_some(char);
    escape.into_iter().flatten().chain(plain)
}
