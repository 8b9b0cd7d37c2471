//! `outputs: parameters`: what AWS CodePipeline calls a template configuration, one for each stack and Region. The AWS CLI of
//! version 2 and rain read the same form.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Integration;
use crate::render::json;

/// Values of a stack's parameters, and its tags.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration<'a> {
    parameters: Parameters,
    tags: &'a BTreeMap<String, String>,
}

/// None: what the spec knows stands in the templates, and the one parameter that they may have, the ARN of the share,
/// is known once the lake stack is there.
#[derive(Serialize)]
struct Parameters {}

/// The files, by their paths below the folder of the integration, in the order in which stacks are deployed.
pub fn files(integration: &Integration) -> Vec<(String, String)> {
    let text = json::document(&Configuration { parameters: Parameters {}, tags: &integration.tags });
    let stacks = integration.stacks().into_iter();
    let files = stacks.flat_map(|stack| {
        let regions = integration.regions_of(stack).into_iter();
        regions.map(move |region| format!("parameters/{region}/{}.json", stack.stem()))
    });
    files.map(|path| (path, text.clone())).collect()
}
