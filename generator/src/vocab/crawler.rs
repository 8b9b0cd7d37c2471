//! Crawlers that somebody may ask for and lakelink does not make, each with why.

use crate::problem::{Code, Fault, shown};

/// A kind of crawler that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedCrawler {
    /// Over the bucket of the lake account.
    CrossAccount,
    /// Over tables that are catalogued already.
    Catalog,
    /// Over Iceberg tables.
    Iceberg,
    /// Over a custom source of Security Lake.
    CustomSource,
    /// Over another place than `evidence/`.
    OtherTarget,
}

impl RefusedCrawler {
    const ALL: [Self; 5] =
        [Self::CrossAccount, Self::Catalog, Self::Iceberg, Self::CustomSource, Self::OtherTarget];

    /// The kind that a word or a key of the spec asks for, if it is refused.
    pub fn of(text: &str) -> Option<Self> {
        let plain = |word: &str| word.to_ascii_lowercase().replace(['_', '-', ' '], "");
        let asked = plain(text);
        Self::ALL.into_iter().find(|kind| kind.words().iter().any(|word| plain(word) == asked))
    }

    /// The fault of having asked for it by `text`.
    pub fn fault(self, text: &str) -> Fault {
        let (code, why) = self.reason();
        let help = format!("{why}; write `crawler: evidence`, or leave it out: Detective needs none");
        Fault::new(code, format!("{} asks for a crawler that lakelink does not make", shown(text)), help)
    }

    /// What people call it, also the names of the properties of `AWS::Glue::Crawler` that make it.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::CrossAccount => &[
                "lake",
                "security_lake",
                "cross_account",
                "allow_cross_account_crawl",
                "account",
                "account_id",
                "lake_formation",
                "lake_formation_configuration",
                "use_lake_formation_credentials",
            ],
            Self::Catalog => &["catalog", "catalogue", "catalog_targets", "link", "table", "tables"],
            Self::Iceberg => &["iceberg", "iceberg_targets"],
            Self::CustomSource => &["custom", "custom_source", "custom_source_role", "crawler_configuration"],
            Self::OtherTarget => {
                &["results", "athena", "bucket", "path", "prefix", "s3", "s3_targets", "target", "targets"]
            }
        }
    }

    fn reason(self) -> (Code, &'static str) {
        match self {
            Self::CrossAccount => (
                Code::CrossAccountCrawler,
                "crawling the lake account's bucket would need write access to a database there and a data location \
                 grant, and would only make a second copy of tables that are shared already, without what makes them Iceberg",
            ),
            Self::Catalog => (
                Code::CatalogCrawler,
                "Security Lake keeps its own tables and partitions up to date, and AWS Glue crawls a table only in the \
                 account that owns it: a link is none",
            ),
            Self::Iceberg => (
                Code::IcebergCrawler,
                "the Iceberg tables of Security Lake are catalogued already, and Athena catalogues those that it makes",
            ),
            Self::CustomSource => (
                Code::CustomSourceCrawler,
                "Security Lake makes the crawler of a custom source by itself, in the lake account, with the role that is \
                 named when the source is made, and CloudFormation has no type for that source",
            ),
            Self::OtherTarget => (
                Code::OtherTargetCrawler,
                "the crawler reads `evidence/` of the results bucket and nothing else: over raw results it would make a \
                 table of every query",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::RefusedCrawler;

    #[test]
    fn a_word_asks_for_one_kind() {
        let words = RefusedCrawler::ALL.iter().flat_map(|kind| kind.words()).collect::<Vec<_>>();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
        for (text, kind) in [
            ("cross-account", Some(RefusedCrawler::CrossAccount)),
            ("Iceberg", Some(RefusedCrawler::Iceberg)),
            ("custom source", Some(RefusedCrawler::CustomSource)),
            ("CatalogTargets", Some(RefusedCrawler::Catalog)),
            ("evidence", None),
            ("none", None),
            ("schedule", None),
            ("evidense", None),
        ] {
            assert_eq!(RefusedCrawler::of(text), kind, "{text}");
        }
    }
}
