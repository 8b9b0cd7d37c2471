"""Proves the double of RAM, and that GovCloud's ARNs are its own."""
import json
import os
import subprocess
import sys
import time

from lakeworld import names
from selftest_base import HERE, LAKE, OTHER, REGION, SEED, Case, grant, one, subscriber, template, trust


class Shares(Case):
    def test_pinned_arn_invitation_and_acceptance(self):
        share = self.good("lake", subscriber())["Share"]
        printed = subprocess.run([sys.executable, os.path.join(HERE, "world.py"), "--print-share-arn", LAKE, REGION],
                                 capture_output=True, text=True, check=True).stdout.strip()
        self.assertEqual(share, printed)
        ram = self.world.client("ram", OTHER)
        invitation = ram.get_resource_share_invitations(resourceShareArns=[share])["resourceShareInvitations"][0]
        self.assertEqual(invitation["status"], "PENDING")
        self.assertEqual(ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"], [])
        accept = {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}
        ram.accept_resource_share_invitation(**accept)
        self.assertEqual(sorted(r["type"] for r in ram.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])["resources"]),
                         ["glue:Database", "glue:Table"])
        self.refused("AlreadyAccepted", ram.accept_resource_share_invitation, **accept)
        self.delete("lake")
        self.assertEqual(ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"], [])

    def test_stale_invitation_gives_no_access(self):
        self.good("lake", subscriber())
        ram = self.world.client("ram", OTHER)
        invitation = ram.get_resource_share_invitations()["resourceShareInvitations"][0]["resourceShareInvitationArn"]
        self.world.control(stale_invitation=invitation)
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation)
        self.assertEqual(ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"], [])

    def test_pending_resources_and_the_ways_an_invitation_ends(self):
        self.good("lake", subscriber())
        ram = self.world.client("ram", OTHER)
        invitation = ram.get_resource_share_invitations()["resourceShareInvitations"][0]
        self.assertLess(abs(time.time() - invitation["invitationTimestamp"].timestamp()), 60)
        named = {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}
        self.assertEqual(sorted(r["type"] for r in ram.list_pending_invitation_resources(**named)["resources"]), ["glue:Database", "glue:Table"])
        self.world.control(stale_invitation=invitation["resourceShareInvitationArn"])
        self.assertEqual(ram.list_pending_invitation_resources(**named)["resources"], [])
        stale = ram.get_resource_share_invitations()["resourceShareInvitations"][0]
        self.assertGreater(time.time() - stale["invitationTimestamp"].timestamp(), 12 * 3600)
        self.assertEqual(stale["status"], "PENDING")
        self.world.control(expired_invitation=invitation["resourceShareInvitationArn"])
        self.refused("ResourceShareInvitationExpiredException", ram.accept_resource_share_invitation, **named)
        self.good("lake", subscriber(SubscriberIdentity={"ExternalId": "ext-2", "Principal": OTHER}))
        named = next({"resourceShareInvitationArn": i["resourceShareInvitationArn"]} for i in
                     ram.get_resource_share_invitations()["resourceShareInvitations"] if i["status"] == "PENDING")
        ram.reject_resource_share_invitation(**named)
        for call in (ram.accept_resource_share_invitation, ram.list_pending_invitation_resources):
            self.refused("AlreadyRejected", call, **named)

    def test_the_receiver_leaves(self):
        self.share()
        ram = self.world.client("ram", OTHER)
        share = ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"][0]["resourceShareArn"]
        self.refused("OperationNotPermitted", ram.disassociate_resource_share, resourceShareArn=share, principals=[LAKE])
        gone = ram.disassociate_resource_share(resourceShareArn=share, principals=[OTHER])["resourceShareAssociations"][0]
        self.assertEqual((gone["associatedEntity"], gone["status"]), (OTHER, "DISASSOCIATING"))
        self.assertEqual(ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"], [])
        self.refused("UnknownResource", ram.disassociate_resource_share, resourceShareArn=share, principals=[OTHER])
        self.assertEqual(ram.get_resource_share_invitations()["resourceShareInvitations"][0]["status"], "ACCEPTED")
        self.bad("is not shared with account", "g", template({"G": grant()}), account=OTHER)


class OldShares(Case):
    THIRD = "777788889999"
    old = {"region": REGION, "receiver": OTHER, "tables": ["vpc_flow:2.0"]}
    seed = {**SEED, "ram_empty_pages": True, "shares": [
        {"owner": THIRD, "name": "LakeFormation-V3-A", **old}, {"owner": LAKE, "name": "LakeFormation-V3-B", "status": "EXPIRED", **old},
        {"owner": LAKE, "name": "LakeFormation-V3-C", "status": "ACCEPTED", **old}]}

    def test_shares_of_several_owners_in_pages_that_come_empty(self):
        share = self.good("lake", subscriber())["Share"]
        self.assertEqual(share, names.share_arn(7, LAKE, REGION, 1))     # seeded shares do not count
        ram, sizes, found, token = self.world.client("ram", OTHER), [], [], {}
        while True:
            answer = ram.get_resource_share_invitations(**token)
            sizes.append(len(answer["resourceShareInvitations"]))
            found += [(i["senderAccountId"], i["resourceShareName"][:18], i["status"]) for i in answer["resourceShareInvitations"]]
            if "nextToken" not in answer:
                break
            token = {"nextToken": answer["nextToken"]}
        self.assertEqual(sizes, [0, 1, 0, 1, 0, 1, 0, 1, 0])
        self.assertEqual([(owner, status) for owner, _name, status in found],
                         [(self.THIRD, "PENDING"), (LAKE, "EXPIRED"), (LAKE, "ACCEPTED"), (LAKE, "PENDING")])
        self.assertEqual(ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"], [])
        self.assertEqual(len(self.world.state(OTHER)["ram"]["others_resources"]), 2)
        self.refused("InvalidNextToken", ram.list_resources, resourceOwner="OTHER-ACCOUNTS", nextToken="x")


class SeededSubscriber(Case):
    seed = {"accounts": {OTHER: {}, LAKE: {"lake_regions": [REGION], "subscribers": [
        {"region": REGION, "name": "theirs", "principal": OTHER, "external_id": "theirs-4711", "sources": ["vpc_flow:2.0", "eks_audit:2.0"]}]}}}

    def test_it_shares_its_tables(self):
        found = self.world.state()["security_lake"]["subscribers"]["theirs"]
        self.assertEqual((found["share"], found["status"]), (names.share_arn(7, LAKE, REGION, 1), "ACTIVE"))
        self.assertEqual(found["identity"], {"principal": OTHER, "externalId": "theirs-4711"})
        ram = self.world.client("ram", OTHER)
        invitation = ram.get_resource_share_invitations()["resourceShareInvitations"][0]
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
        shared = ram.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[found["share"]])["resources"]
        self.assertEqual(sorted(r["type"] for r in shared), ["glue:Database", "glue:Table", "glue:Table"])


class GovCloud(Case):
    region = "us-gov-west-1"
    seed = {"accounts": {LAKE: {"lake_regions": [region], "roles": ["SecDeploy"]}}}

    def test_every_arn_is_of_the_partition(self):
        root = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": root}}]}
        body = template({
            "K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}},
            "A": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "K"}}},
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "results-1", "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["K", "Arn"]}}}]}}},
            "L": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/l"}},
            "W": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "w", "Tags": [{"Key": "a", "Value": "1"}]}},
            "R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": trust(AWS=root)}}},
            Outputs={"Id": {"Value": {"Ref": "AWS::StackId"}}, "Partition": {"Value": {"Ref": "AWS::Partition"}},
                     **{key: {"Value": {"Fn::GetAtt": [key, "Arn"]}} for key in "KBLR"}})
        role = f"arn:aws-us-gov:iam::{LAKE}:role/SecDeploy"
        outputs = self.good("s", body, region=self.region, role=role)
        self.assertEqual(outputs.pop("Partition"), "aws-us-gov")
        self.assertEqual([v for v in outputs.values() if not v.startswith("arn:aws-us-gov:")], [])
        kms, sts = self.world.client("kms", region=self.region), self.world.client("sts", region=self.region)
        self.assertEqual(kms.describe_key(KeyId=outputs["K"])["KeyMetadata"]["Arn"], outputs["K"])
        self.refused("NotFound", kms.describe_key, KeyId=outputs["K"].replace("aws-us-gov", "aws"))
        self.assertTrue(sts.get_caller_identity()["Arn"].startswith("arn:aws-us-gov:iam:"))
        self.assertTrue(sts.assume_role(RoleArn=role, RoleSessionName="sess")["AssumedRoleUser"]["Arn"].startswith("arn:aws-us-gov:sts:"))
        self.assertNotIn("arn:aws:", json.dumps(self.world.state(region=self.region)))
        self.bad("invalid principals", "t", one("AWS::KMS::Key", {"KeyPolicy": trust(AWS=f"arn:aws:iam::{LAKE}:root")}), region=self.region,
                 role=role)


class Organization(Case):
    seed = {**SEED, "organization": True}

    def test_share_is_there_without_invitation(self):
        self.good("lake", subscriber())
        ram = self.world.client("ram", OTHER)
        self.assertEqual(ram.get_resource_share_invitations()["resourceShareInvitations"], [])
        self.assertEqual(len(ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]), 2)
        self.good("d", template({"G": grant()}), account=OTHER)
