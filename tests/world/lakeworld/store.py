"""The world's state outside ministack, and the planned faults. Everything is in memory of one process."""
import copy

from . import names


class Refused(ValueError):
    """A call that the service would refuse; CloudFormation shows the text as the resource's reason."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class World:
    def __init__(self):
        self.seed = names.DEFAULT_SEED
        self.organization = False
        self.ram_empty_pages = self.ram_cannot_leave = self.slow_shares = False
        self.other_change_sets = "deleted"
        self.tokens = {}     # (stack id, ClientRequestToken) -> the request that it came with
        self.settings_removal = "takes_ours"
        self.reply_ms = 0    # how much later each reply to a client comes
        self.new_role_calls, self.new_roles = 0, {}      # ARN -> uses that are still refused
        self.boxes = {}      # (account, region, kind) -> {id: record}
        self.shares = {}     # share ARN -> record, whoever owns it
        self.invitations = {}
        self.counters = {}   # (account, region, what) -> how many were made so far
        self.units = None    # the organization tree: management, delegated, units
        self.stack_set_roles = {}        # account -> name of its custom execution role
        self.holds_operations = False    # operations of stack sets stand still
        self.faults = []
        self.writes_left = None      # calls of clients that may still write before the world falls silent
        self.calls = []      # see calls.py

    def box(self, account, region, kind):
        return self.boxes.setdefault((account, region, kind), {})

    def count(self, account, region, what):
        """The number of the next thing of this kind, from 1; deletions do not give numbers back."""
        key = (account, region, what)
        self.counters[key] = self.counters.get(key, 0) + 1
        return self.counters[key]

    def take_fault(self, **facts):
        """One shot of the first planned fault whose every condition holds, or None.

        Conditions are action or type (one of them is a must), and service, account, region, logical_id, on.
        """
        for fault in self.faults:
            wanted = {key: fault[key] for key in
                      ("action", "type", "service", "account", "region", "logical_id", "on") if key in fault}
            if not {"action", "type"} & set(wanted) or fault.get("times", 1) <= 0:
                continue
            if all(facts.get(key) == value for key, value in wanted.items()):
                fault["times"] = fault.get("times", 1) - 1
                return copy.deepcopy(fault)
        return None


WORLD = World()


def page(items, request, size_key, token_key):
    """One page of a listing: (items, token for the next page or None)."""
    start = int(request.get(token_key) or 0)
    size = int(request.get(size_key) or 0) or len(items) or 1
    rest = start + size
    return items[start:rest], (str(rest) if rest < len(items) else None)
