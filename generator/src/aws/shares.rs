//! AWS RAM, on the side of who receives.

use aws_config::SdkConfig;
use aws_sdk_ram::Client;
use aws_sdk_ram::types::{ResourceOwner, ResourceShareInvitation, ResourceShareInvitationStatus};

use crate::aws::AwsError;

/// AWS RAM in one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    client: Client,
}

/// An invitation to a share.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    /// Its ARN.
    pub(crate) arn: String,
    /// The account that shares.
    pub(crate) sender: String,
    /// What became of it.
    pub(crate) state: InvitationState,
    /// When it was sent, in seconds since 1970.
    pub(crate) sent: Option<i64>,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvitationState {
    Pending,
    Accepted,
    Rejected,
    Expired,
}

impl InvitationState {
    /// RAM's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
        }
    }
}

impl Shares {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// The invitations to a share. Pages may be empty with more to come.
    pub(crate) async fn invitations(&self, share: &str) -> Result<Vec<Invitation>, AwsError> {
        let call = self.client.get_resource_share_invitations().resource_share_arns(share);
        let mut pages = call.into_paginator().send();
        let mut invitations = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page.map_err(AwsError::of("GetResourceShareInvitations")) {
                // RAM has no empty answer for a share without an invitation.
                Err(error) if error.code.contains("NotFound") => return Ok(Vec::new()),
                page => page?,
            };
            let found = page.resource_share_invitations.unwrap_or_default().into_iter();
            invitations.extend(
                found.filter(|one| one.resource_share_arn.as_deref() == Some(share)).filter_map(invitation),
            );
        }
        Ok(invitations)
    }

    /// Accepts an invitation; one that is accepted already is.
    pub(crate) async fn accept(&self, invitation: &str) -> Result<(), AwsError> {
        let call = self.client.accept_resource_share_invitation().resource_share_invitation_arn(invitation);
        match call.send().await.map_err(AwsError::of("AcceptResourceShareInvitation")) {
            Err(error) if !error.code.contains("AlreadyAccepted") => Err(error),
            _ => Ok(()),
        }
    }

    /// ARNs of what a share of another account shows here.
    pub(crate) async fn shown(&self, share: &str) -> Result<Vec<String>, AwsError> {
        let call = self.client.list_resources().resource_owner(ResourceOwner::OtherAccounts);
        let mut pages = call.resource_share_arns(share).into_paginator().send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page.map_err(AwsError::of("ListResources")) {
                // A share that is not accepted yet is not known here.
                Err(error) if error.code.contains("UnknownResource") || error.code.contains("NotFound") => {
                    return Ok(Vec::new());
                }
                page => page?,
            };
            arns.extend(page.resources.unwrap_or_default().into_iter().filter_map(|one| one.arn));
        }
        Ok(arns)
    }
}

fn invitation(found: ResourceShareInvitation) -> Option<Invitation> {
    let state = match found.status? {
        ResourceShareInvitationStatus::Pending => InvitationState::Pending,
        ResourceShareInvitationStatus::Accepted => InvitationState::Accepted,
        ResourceShareInvitationStatus::Rejected => InvitationState::Rejected,
        _ => InvitationState::Expired,
    };
    Some(Invitation {
        arn: found.resource_share_invitation_arn?,
        sender: found.sender_account_id.unwrap_or_default(),
        state,
        sent: found.invitation_timestamp.map(|time| time.secs()),
    })
}
