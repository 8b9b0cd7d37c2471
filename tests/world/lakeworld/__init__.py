"""Doubles of the AWS services that lakelink meets, on top of ministack's CloudFormation."""
