//! How the share gets to the Detective account, as the run-book tells it.

use serde::Serialize;

use super::account::role_arn;
use crate::model::{Duty, Integration, Share, Side, Subscriber};
use crate::vocab::Acceptance;

/// The hand-off of an integration.
#[derive(Serialize)]
pub(super) struct HandOffView {
    /// Whether the Detective stack is told the share: what its own console looks for holds it, or the function.
    pub(super) passes_share: bool,
    is_pinned: bool,
    is_stack_output: bool,
    is_discovered: bool,
    is_accepted_by_cli: bool,
    is_accepted_by_function: bool,
    is_by_organization: bool,
    /// Whether a block asks the lake stack for the ARN of the share.
    is_share_read: bool,
    /// Whether that block has the ARN from the spec: no stack of lakelink's own name has it.
    is_share_given: bool,
    /// Whether the template is the same for another share, so that CloudFormation sees no change.
    is_blind_to_new_share: bool,
    acceptor: String,
    acceptor_log: String,
    reader_role: String,
}

impl HandOffView {
    /// The view of an integration's hand-off.
    pub(super) fn of(integration: &Integration) -> Self {
        let (share, acceptance) = (&integration.handoff.share, integration.handoff.acceptance);
        let is_accepted_by_function = acceptance == Acceptance::Lambda;
        let is_blind_to_new_share = matches!(share, Share::StackOutput | Share::Discovered);
        Self {
            passes_share: *share == Share::Parameter
                && (is_accepted_by_function
                    || integration.regions.pairs().iter().any(|pair| !pair.is_apart())),
            is_pinned: matches!(share, Share::Pinned(_)),
            is_stack_output: *share == Share::StackOutput,
            is_discovered: *share == Share::Discovered,
            is_accepted_by_cli: acceptance == Acceptance::Cli,
            is_accepted_by_function,
            is_by_organization: acceptance == Acceptance::Organization,
            is_share_read: !(is_accepted_by_function && is_blind_to_new_share),
            is_share_given: matches!(share, Share::Pinned(_))
                && (integration.lake.subscriber == Subscriber::Existing || integration.outputs.cfct),
            is_blind_to_new_share,
            acceptor: integration.acceptor(),
            acceptor_log: integration.acceptor_log(),
            reader_role: role_arn(integration, Side::Lake, &integration.own_role(Duty::Reader)),
        }
    }
}
