//! The console stack: what the Detective console looks for, in a Detective Region that is no lake Region of the spec.
//!
//! Experimental. That the parameters lie in the Region of the console, and all else in the one of the share, is how
//! AWS's own stack does it (its parameter `DTRegion`); what the console makes of it is not documented.

use crate::model::{Integration, Share};
use crate::stacks::console::{self, Console};
use crate::stacks::detective::{DATABASE, RESULTS_BUCKET, known_share, names, pinned_share, share_parameter};
use crate::stacks::{REGION_MAP, description, in_region};
use crate::template::{Group, Mapping, Parameter, Template};

/// The template of the console stack; `None` if no console is apart from its lake Region.
pub(crate) fn template(integration: &Integration) -> Option<Template> {
    integration.regions.apart().next()?;
    let console = Console {
        share: known_share(integration)?,
        bucket: in_region(RESULTS_BUCKET),
        database: in_region(DATABASE),
        condition: None,
        after: Vec::new(),
        // AWS's own stack is one for both Regions, so which of our two the console expects here is not known. This one
        // is in the Region where the console looks, and goes when the integration is switched off there.
        why: "Names this stack, which is the one to delete when the console is switched off; the other four wait for it.",
    };
    let resources = console::resources(integration, console);
    let heading = "What the Detective console looks for: about the lake of another Region".to_owned();
    Some(Template {
        generated_from: integration.spec_file.clone(),
        description: description(
            integration,
            "what the Detective console looks for, apart from its lake Region (experimental)",
        ),
        parameters: parameters(integration),
        mappings: vec![mapping(integration)],
        conditions: Vec::new(),
        groups: vec![Group { heading, resources }],
        outputs: Vec::new(),
    })
}

fn parameters(integration: &Integration) -> Vec<Parameter> {
    if integration.handoff.share != Share::Parameter {
        return Vec::new();
    }
    let mut lake = integration.regions.lake();
    lake.retain(|region| integration.regions.apart().any(|pair| pair.lake == *region));
    let description = "The output ResourceShareArn of the lake stack in the Region that this console reads";
    vec![share_parameter(integration, &lake, description)]
}

/// By the Region of the console, the names that hold in the lake Region that it reads.
fn mapping(integration: &Integration) -> Mapping {
    let by_region = integration.regions.apart().map(|pair| {
        let mut names = names(integration, pair.lake);
        names.extend(pinned_share(integration, pair.lake));
        (pair.detective.to_string(), names)
    });
    (REGION_MAP, by_region.collect())
}
