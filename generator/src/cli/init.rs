//! `lakelink init`.

use std::path::PathBuf;

use crate::check::check;
use crate::cli::load::problems_as_text;
use crate::cli::{Exit, Stop, Terminal, schema};
use crate::files;

const STARTER: &str = include_str!("../../prose/starter.yaml");

/// Writes a commented starter spec and `lakelink.schema.json` beside it. Never overwrites.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is not given by an option stands in the spec as an example value to replace.

  lakelink init specs --name acme --lake-account 111122223333 --detective-account 444455556666 \\
    --region eu-west-1 --principal arn:aws:iam::444455556666:role/SecurityAnalyst --external-id …")]
pub(crate) struct Args {
    /// The folder to write to
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// The name of the integration; the spec is called NAME.yaml
    #[arg(long, default_value = "acme")]
    name: String,
    /// The Security Lake account
    #[arg(long, default_value = "111122223333", value_name = "ACCOUNT")]
    lake_account: String,
    /// The Detective account
    #[arg(long, default_value = "444455556666", value_name = "ACCOUNT")]
    detective_account: String,
    /// A Region; repeat it for several
    #[arg(long, default_value = "us-east-1")]
    region: Vec<String>,
    /// An IAM role or user who queries; repeat it for several
    #[arg(long, value_name = "ARN")]
    principal: Vec<String>,
    /// The external id that the Detective console shows
    #[arg(long, default_value = "replace-with-the-id-of-the-console", value_name = "ID")]
    external_id: String,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let spec = args.folder.join(format!("{}.yaml", args.name));
    let text = spec_text(args);
    // The values come from a person: check them like any other spec before anything is written.
    let checked = check(vec![(spec.display().to_string(), text.clone().into_bytes())])?;
    if checked.iter().any(|one| !one.is_good()) {
        terminal.complain(&problems_as_text(&checked))?;
        return Ok(Exit::Invalid);
    }
    let planned = [(spec.clone(), text), (args.folder.join("lakelink.schema.json"), schema::text())];
    if spec.exists() {
        return Err(Stop::Usage {
            message: format!("`{}` exists already", spec.display()),
            help: "init never overwrites: choose another --name or another folder".into(),
        });
    }
    for (path, text) in planned {
        if path.exists() {
            terminal.say(&format!("     kept  {}", path.display()))?;
        } else {
            files::write(&path, &text)?;
            terminal.say(&format!("  created  {}", path.display()))?;
        }
    }
    terminal.say(&format!("next: fill in {0}, then `lakelink generate {0}`", spec.display()))?;
    Ok(Exit::Done)
}

fn spec_text(args: &Args) -> String {
    let example = format!("arn:aws:iam::{}:role/SecurityAnalyst", args.detective_account);
    let principals = if args.principal.is_empty() { vec![example] } else { args.principal.clone() };
    let principals = principals.iter().map(|arn| format!("    - {}\n", quoted(arn))).collect::<String>();
    let regions = args.region.iter().map(|region| quoted(region)).collect::<Vec<_>>().join(", ");
    STARTER
        .replace("{name}", &quoted(&args.name))
        .replace("{regions}", &regions)
        .replace("{lake_account}", &quoted_always(&args.lake_account))
        .replace("{detective_account}", &quoted_always(&args.detective_account))
        .replace("{external_id}", &quoted(&args.external_id))
        .replace("    {principals}\n", &principals)
}

/// Plain where every reader sees text, quoted otherwise: an option's value must not become YAML.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/:.".contains(c))
        && !text.ends_with(':');
    if plain { text.to_owned() } else { quoted_always(text) }
}

fn quoted_always(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
