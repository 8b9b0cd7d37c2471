"""Proves the command for a person who wants to try lakelink without AWS."""
import os
import subprocess
import sys
import unittest

import boto3

from lakeworld import names
from selftest_base import HERE, LAKE, OTHER, REGION


class Try(unittest.TestCase):
    def run_it(self, port):
        environment = {**{k: v for k, v in os.environ.items() if not k.startswith("AWS_")}, "WORLD_VENV": sys.prefix, "PYTHON": sys.executable}
        process = subprocess.Popen([os.path.join(HERE, "try"), port], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment)
        self.addCleanup(process.__exit__, None, None, None)      # closes its standard input, too, and waits
        return process

    def start(self):
        """(process, what it says to export, the words of the command that it says to run)"""
        process = self.run_it("0")
        lines = [process.stdout.readline() for _ in range(4)]
        return process, dict(pair.split("=", 1) for pair in lines[2].split()[1:]), lines[3].split()

    def test_the_two_lines(self):
        process, exported, command = self.start()
        self.assertEqual(set(exported), {"AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"})
        self.assertEqual(command[:3], ["lakelink", "deploy", "examples/two-accounts.yaml"])
        profiles = dict(zip(command[3::2], command[4::2]))
        self.assertEqual(set(profiles), {"--lake-profile", "--detective-profile"})
        ask = ("import boto3, sys; s = boto3.Session(profile_name=sys.argv[1]); "
               "print(s.client('sts').get_caller_identity()['Account'], s.region_name)")
        for flag, account in (("--lake-profile", LAKE), ("--detective-profile", OTHER)):
            said = subprocess.run([sys.executable, "-c", ask, profiles[flag]], env={**os.environ, **exported}, check=True, capture_output=True, text=True)
            self.assertEqual(said.stdout.split(), [account, REGION])
        keys = {"region_name": REGION, "endpoint_url": exported["AWS_ENDPOINT_URL"], "aws_secret_access_key": "x"}
        lakes = boto3.client("securitylake", aws_access_key_id=LAKE, **keys).list_data_lakes()["dataLakes"]
        self.assertEqual([lake["dataLakeArn"] for lake in lakes], [names.lake_arn(LAKE, REGION)])
        boto3.client("iam", aws_access_key_id=OTHER, **keys).get_role(RoleName="SecurityAnalyst")
        # a second one says why it does not start
        second = self.run_it(exported["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
        said = second.stderr.read()
        self.assertIn("in use", said)
        self.assertEqual((second.wait(timeout=10), second.stdout.read()), (1, ""))
        process.stdin.close()
        self.assertEqual(process.wait(timeout=10), 0)
        self.assertFalse(os.path.exists(os.path.dirname(exported["AWS_CONFIG_FILE"])))

    def test_ends_with_sigterm(self):
        process, exported, _command = self.start()
        process.terminate()
        process.terminate()     # an impatient one
        self.assertEqual(process.wait(timeout=10), 143)
        self.assertFalse(os.path.exists(os.path.dirname(exported["AWS_CONFIG_FILE"])))
