//! `lakelink handoff`: the share ARNs, for a spec that pins them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::cloud::{Credentials, Progress, Where, block_on};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Options, Part};
use crate::files;
use crate::model::{SetOwner, Stack};

/// Reads the ARN of each Region's resource share from the lake stacks: the base file that a spec with
/// `handoff.share_arn: pinned` extends. Needs the lake account only. Those of a stack set the run-book shows.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The output is the base file that a spec with pinned shares extends:

  lakelink handoff acme.yaml --lake-profile lake --write acme-shares.yaml
  # then in acme.yaml: `extends: acme-shares.yaml`")]
pub(crate) struct Args {
    /// The spec file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Profile of the lake account; else that of lakelink.local.yaml, else the ambient credentials
    #[arg(long, value_name = "PROFILE", env = "LAKELINK_LAKE_PROFILE", hide_env_values = true)]
    lake_profile: Option<String>,
    /// Write the file instead of printing it
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// What every file of this command begins with.
const MADE: &str = "# The resource shares that the lake stacks have made, by `lakelink handoff`";

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let at = Where {
        paths: vec![args.path.clone()],
        only: vec![Part::Stack(Stack::Lake)],
        region: Vec::new(),
        credentials: Credentials { lake_profile: args.lake_profile.clone(), ..Credentials::default() },
        timeout: 1,
        poll_ms: 1000,
    };
    let mut specs = match at.specs(terminal)? {
        Ok(specs) => specs,
        Err(exit) => return Ok(exit),
    };
    let (Some(asked), true) = (specs.pop(), specs.is_empty()) else {
        return Err(Stop::Usage {
            message: "the share ARNs of one integration are read at a time".into(),
            help: "name one spec".into(),
        });
    };
    let integration = &asked.rendered.integration;
    if let Some(owner) = integration.set_owner() {
        return Err(Stop::Usage {
            message: format!(
                "`{}`: its lake stacks are in a stack set, which calls them as it likes",
                integration.name
            ),
            help: match owner {
                SetOwner::Ours => {
                    "copy the output `ResourceShareArn` of each, as the run-book shows under Roll out by StackSets"
                }
                SetOwner::Cfct => {
                    "copy the output `ResourceShareArn` of each `StackSet-CustomControlTower-…` in the lake account"
                }
            }
            .into(),
        });
    }
    let listeners = Progress::of(1).listeners();
    let read = block_on(async {
        let work =
            at.work(asked, Options::default(), &listeners).await.map_err(|unread| unread.tell(terminal))?;
        let mut shares = Vec::new();
        for region in work.integration.regions.lake() {
            match work.made_share(region).await {
                Ok(Some(arn)) => shares.push((region, arn)),
                Ok(None) => {
                    let help = "deploy it first: `lakelink deploy --only lake`";
                    terminal.fail(&format!("the lake stack of `{region}` has made no share yet"), Some(help));
                    return Err(Exit::Failed);
                }
                Err(halt) => {
                    terminal.fail(&halt.reason(), None);
                    return Err(Exit::Failed);
                }
            }
        }
        Ok(shares)
    })?;
    let shares = match read {
        Ok(shares) => shares,
        Err(exit) => return Ok(exit),
    };
    let lines = shares.iter().map(|(region, arn)| format!("    {region}: \"{arn}\"\n")).collect::<String>();
    let text = format!(
        "{MADE}. A spec extends this file.\n\
         handoff:\n  share_arn: pinned\n  shares:\n{lines}"
    );
    match &args.write {
        // A spec that was named by mistake is not lost.
        Some(path) if std::fs::read_to_string(path).is_ok_and(|text| !text.starts_with(MADE)) => {
            return Err(Stop::Usage {
                message: format!("`{}` is there and was not written by `lakelink handoff`", path.display()),
                help: "name another file".into(),
            });
        }
        Some(path) => {
            files::write(path, &text)?;
            if terminal.json {
                terminal.document(&json!({"files": [{"path": path, "status": "written"}]}))?;
            }
            terminal.say(&format!("wrote {}", path.display()));
        }
        None if terminal.json => {
            let shares =
                shares.iter().map(|(region, arn)| (region.to_string(), arn)).collect::<BTreeMap<_, _>>();
            terminal.document(&json!({"handoff": {"share_arn": "pinned", "shares": shares}}))?;
        }
        None => terminal.data(&text)?,
    }
    Ok(Exit::Done)
}
