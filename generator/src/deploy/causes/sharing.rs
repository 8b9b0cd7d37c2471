//! AWS RAM, and what the function that accepts a share (`generator/acceptor`) says.

use super::Cause;

/// That a subscriber gets one share in its Region, and 12 hours to take it.
const SUBSCRIBER: &str =
    "https://docs.aws.amazon.com/security-lake/latest/userguide/create-query-subscriber-procedures.html";
const ACCEPT: &str = "https://docs.aws.amazon.com/goto/WebAPI/ram-2018-01-04/AcceptResourceShareInvitation";

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "share-dead",
        kinds: &[],
        texts: &[
            &["this share is dead, its invitation"],
            &["resourceshareinvitationexpiredexception"],
            &["resourceshareinvitationalreadyrejectedexception"],
        ],
        cause: "the invitation is more than 12 hours old, or somebody rejected it, so this share gives no access any \
                more",
        cure: "remove the subscriber with `lakelink destroy SPEC --only lake --region REGION`, then run `lakelink deploy`, \
               which accepts at once; a subscriber of somebody else's must be made again by them; a pinned share ARN \
               must be replaced in `handoff.shares`",
        source: SUBSCRIBER,
    },
    Cause {
        id: "share-not-visible",
        kinds: &[],
        texts: &[&["not visible in time:"]],
        cause: "the share does not show the database or all tables: the subscriber is not there yet, a source is not \
                collected in `lake.source_version`, or the share was accepted after 12 hours",
        cure: "see with `lakelink status` that the lake stack is complete and with `aws securitylake \
               list-log-sources` that its sources are on, and run `lakelink deploy` again; after 12 hours recreate \
               the subscriber with `lakelink destroy SPEC --only lake --region REGION` first",
        source: SUBSCRIBER,
    },
    Cause {
        id: "shares-ambiguous",
        kinds: &[],
        texts: &[&["several shares fit, pin one"]],
        cause: "the lake account shares this database with the Detective account more than once, most often through \
                a second subscriber",
        cure: "run `lakelink handoff --write FILE`, which notes the shares of the lake stacks, build the spec on that \
               file with `handoff.share_arn: pinned`, and deploy again",
        source: SUBSCRIBER,
    },
    Cause {
        id: "share-of-other-account",
        kinds: &[],
        texts: &[&["resourcesharearn must begin with"]],
        cause: "the share ARN that the Detective stack was given is of another partition, Region or account than the \
                lake's",
        cure: "compare with what `lakelink handoff` prints, correct `handoff.shares`, or run `lakelink deploy` for \
               both accounts, which hands the right one over",
        source: SUBSCRIBER,
    },
    Cause {
        id: "ram-slow",
        kinds: &[],
        texts: &[&["ram is too slow, try again"]],
        cause: "AWS RAM answered so slowly that the function which accepts the share would have run out of time",
        cure: "run `lakelink deploy` again after some minutes",
        source: ACCEPT,
    },
    // RAM's own codes, as `acceptance: cli` meets them.
    Cause {
        id: "already-accepted",
        kinds: &[],
        texts: &[&["resourceshareinvitationalreadyacceptedexception"]],
        cause: "somebody accepted this invitation a moment before",
        cure: "run `lakelink deploy` again: it goes on with the share as it is",
        source: ACCEPT,
    },
    Cause {
        id: "no-invitation",
        kinds: &[],
        texts: &[&["no ram resource share", "invitation found"]],
        cause: "there is no invitation to this share: it was accepted and the invitation cleared away since, it went \
                to another account, or both accounts are in an organization in which RAM shares without one",
        cure: "look with `aws ram list-resources --resource-owner OTHER-ACCOUNTS`: if the tables show, nothing is to \
               be done, and `handoff.acceptance: organization` fits an organization better; else compare the share \
               ARN with what `lakelink handoff` prints",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/11785",
    },
    Cause {
        id: "invitation-gone",
        kinds: &[],
        texts: &[&["resourceshareinvitationarnnotfoundexception"]],
        cause: "the invitation is no longer there: its subscriber was deleted or got a new share meanwhile, or it is \
                for another account or Region",
        cure: "run `lakelink deploy` again: it looks for the invitation to the share that the lake stack has now",
        source: ACCEPT,
    },
    Cause {
        id: "share-cannot-be-left",
        kinds: &["DisassociateResourceShare"],
        texts: &[&["cannot be left"], &["operationnotpermittedexception"]],
        cause: "AWS RAM lets nobody leave a share inside an organization, or one of tables",
        cure: "do nothing: without grants it gives no access, and it goes with the subscriber when \
               `lakelink destroy` removes the lake stack",
        source: "https://docs.aws.amazon.com/goto/WebAPI/ram-2018-01-04/DisassociateResourceShare",
    },
    Cause {
        id: "share-gone",
        kinds: &[],
        texts: &[&["unknownresourceexception"], &["resourceshare arn:", "could not be found"]],
        cause: "the share is not there, or not for this account: its subscriber was deleted, or got a new share with \
                another external id or account",
        cure: "compare with what `lakelink handoff` prints, put the ARN of now into `handoff.shares` if it is pinned, \
               and run `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/security-lake/latest/userguide/editing-query-access-subscriber.html",
    },
];
