//! `lakelink init`.

use std::path::PathBuf;

use crate::check::check;
use crate::cli::{Exit, Stop, Terminal, schema};
use crate::files::{self, LOCAL_FILE};
use crate::model::defaults::EXTERNAL_ID_PLACEHOLDER;
use crate::problem::{Code, Severity};
use crate::vocab::{Partition, Region, Word};

const STARTER: &str = include_str!("../../prose/starter.yaml");

/// Writes a commented starter spec, and `lakelink.schema.json` and `.gitignore` beside it. Never overwrites.
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
    #[arg(long, default_value = EXTERNAL_ID_PLACEHOLDER, value_name = "ID")]
    external_id: String,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let spec = args.folder.join(format!("{}.yaml", args.name));
    let text = spec_text(args);
    // The values come from a person: check them like any other spec before anything is written.
    let checked = check(vec![(spec.display().to_string(), text.clone().into_bytes())])?;
    let problems = checked.iter().flat_map(|one| &one.problems);
    // The external id is what init cannot know: the spec says where it is found, and `check` asks for it.
    let mut problems = problems
        .filter(|problem| problem.severity() == Severity::Error && problem.code != Code::NoExternalId);
    if let Some(problem) = problems.next() {
        return Err(Stop::Usage { message: problem.message.clone(), help: problem.help.clone() });
    }
    if !files::write_new(&spec, &text)? {
        return Err(Stop::Usage {
            message: format!("`{}` exists already", spec.display()),
            help: "init never overwrites: choose another --name or another folder".into(),
        });
    }
    let ignore = args.folder.join(".gitignore");
    let mut written = vec![(spec.display().to_string(), "created")];
    for (path, text) in [
        (args.folder.join("lakelink.schema.json"), schema::text()),
        (ignore.clone(), format!("{LOCAL_FILE}\n")),
    ] {
        let status = if files::write_new(&path, &text)? { "created" } else { "kept" };
        written.push((path.display().to_string(), status));
    }
    if terminal.json {
        let files =
            written.iter().map(|(path, status)| serde_json::json!({ "path": path, "status": status }));
        terminal.document(&serde_json::json!({ "files": files.collect::<Vec<_>>() }))?;
    }
    for (path, status) in &written {
        terminal.say(&format!("{status:>9}  {path}"));
    }
    let ignored = files::read_spec(&ignore)?;
    if !String::from_utf8_lossy(&ignored).lines().any(|line| line.trim() == LOCAL_FILE) {
        terminal
            .say(&format!("add the line `{LOCAL_FILE}` to {}: that file is one person's", ignore.display()));
    }
    terminal.say(&format!("next: fill in {0}, then `lakelink generate {0}`", spec.display()));
    Ok(Exit::Done)
}

fn spec_text(args: &Args) -> String {
    let region = args.region.first().and_then(|region| Region::read(region).ok());
    let partition = region.map_or(Partition::Aws, Region::partition);
    let example = format!("arn:{partition}:iam::{}:role/SecurityAnalyst", args.detective_account);
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
