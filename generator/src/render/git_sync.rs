//! `git-sync/`: a deployment file of Git sync for each Regional stack and Region. Format: CloudFormation user guide,
//! `git-sync-concepts-terms`; the file lies in the repository that the account of the stack is connected to.

use crate::model::{Integration, Side};
use crate::render::yaml;
use crate::template::{Section, Value};

/// The files below `out/<name>/`, each with its text.
pub fn files(integration: &Integration) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for stack in [Side::Lake, Side::Detective].into_iter().flat_map(|side| integration.regional_stacks(side))
    {
        let stem = stack.stem();
        // Git sync takes paths from the root of the repository.
        let path = format!("{}/{stem}.template.yaml", integration.folder());
        let mut sections = vec![Section::Plain("template-file-path", Value::text(path))];
        if !integration.tags.is_empty() {
            let tags = integration.tags.iter().map(|(key, value)| (key, Value::text(value)));
            sections.push(Section::Plain("tags", Value::map(tags)));
        }
        let text = yaml::document(&integration.spec_file, &sections);
        let regions = integration.regions_of(stack).into_iter();
        files.extend(regions.map(|region| (format!("git-sync/{region}/{stem}.yaml"), text.clone())));
    }
    files
}
