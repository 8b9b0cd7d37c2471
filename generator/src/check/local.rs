//! The local file, which is read like a spec and is none.

use super::Checked;
use crate::document::{self, Document};
use crate::problem::{Code, Problem, SpecPath};
use crate::spec::{Local, LocalAccount, local_shape};
use crate::stacks::Gap;
use crate::vocab::ProfileName;

/// The profiles of the AWS CLI that a local file names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    /// For the lake account.
    pub lake: Option<ProfileName>,
    /// For the Detective account.
    pub detective: Option<ProfileName>,
}

/// Checks a local file.
///
/// # Errors
/// [`Gap`] for a file that is right and cannot be read: an error in lakelink.
pub fn check_local<T>(file: String, bytes: Vec<u8>) -> Result<(Checked<T>, Profiles), Gap> {
    let mut problems = Vec::new();
    let mut profiles = Profiles::default();
    let content = match Document::read(&bytes) {
        Ok(document) => {
            let value = document::check(&document, &local_shape(), &mut problems);
            let local = Local::read(value).map_err(|error| Gap(format!("{file}: {error}")))?;
            profiles = Profiles {
                lake: profile(local.lake.as_ref(), "lake", &mut problems),
                detective: profile(local.detective.as_ref(), "detective", &mut problems),
            };
            Ok(document)
        }
        Err(refused) => {
            // One in which every line is a comment for now is in order.
            problems.extend(refused.into_iter().filter(|problem| problem.code != Code::Empty));
            Err(bytes)
        }
    };
    Ok((Checked { file, is_spec: false, problems, rendered: None, content }, profiles))
}

fn profile(account: Option<&LocalAccount>, key: &str, problems: &mut Vec<Problem>) -> Option<ProfileName> {
    let read = account?.profile.as_ref()?.read();
    let path = SpecPath::root().key(key).key("profile");
    read.map_err(|fault| problems.push(fault.at(path))).ok()
}
