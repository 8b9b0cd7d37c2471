//! How the share gets to the Detective account, as the run-book tells it.

use serde::Serialize;

use super::account::{admin_profile_name, profile_name, role_arn};
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
    /// Whether there are blocks that have the ARN of the share, and wait for it where no function does.
    pub(super) is_share_read: bool,
    /// Whether they have the ARN from the spec: no stack of lakelink's own name has it.
    is_share_given: bool,
    /// Who waits for the share.
    share_profile: String,
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
        let is_pinned = matches!(share, Share::Pinned(_));
        let by_hand = integration.set_owner().is_none();
        Self {
            passes_share: *share == Share::Parameter
                && (is_accepted_by_function
                    || integration.regions.pairs().iter().any(|pair| !pair.is_apart())),
            is_pinned,
            is_stack_output: *share == Share::StackOutput,
            is_discovered: *share == Share::Discovered,
            is_accepted_by_cli: acceptance == Acceptance::Cli,
            is_accepted_by_function,
            is_by_organization: acceptance == Acceptance::Organization,
            is_share_read: if by_hand {
                !(is_accepted_by_function && is_blind_to_new_share)
            } else {
                // What is not pinned goes through the tool, which waits for nobody.
                is_pinned && !is_accepted_by_function
            },
            is_share_given: is_pinned && (integration.lake.subscriber == Subscriber::Existing || !by_hand),
            share_profile: if by_hand {
                profile_name(integration, Side::Detective.word())
            } else {
                admin_profile_name(integration, Side::Detective)
            },
            is_blind_to_new_share,
            acceptor: integration.acceptor(),
            acceptor_log: integration.acceptor_log(),
            reader_role: role_arn(integration, Side::Lake, &integration.own_role(Duty::Reader)),
        }
    }
}
