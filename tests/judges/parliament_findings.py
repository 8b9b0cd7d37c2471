"""Says what parliament finds in policies, its community auditors included.

    parliament_findings.py < FILE      FILE holds a list of {template, resource, policy}; out comes a list of findings
"""
import json
import sys

import parliament


def findings(entry):
    """One finding for each kind: parliament repeats some for every action that a pattern stands for."""
    policy = parliament.analyze_policy_string(
        json.dumps(entry["policy"]), ignore_private_auditors=True, include_community_auditors=True
    )
    first = {}
    for found in policy.findings:
        first.setdefault(found.issue, f"{found.detail} {found.location}")
    for rule, message in sorted(first.items()):
        yield {"template": entry["template"], "resource": entry["resource"], "rule": rule, "message": message}


def main():
    found = [finding for entry in json.load(sys.stdin) for finding in findings(entry)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
