"""Loads ministack so that its literal `arn:aws:` becomes the partition of the Region that a request is for.

ministack knows one partition. Each string literal inside its functions that holds `arn:aws:` is compiled as a call of
`here`, comparisons of a partition and the value of AWS::Partition too; what is evaluated at import (tables, patterns,
defaults) stays as it is. The compiled files lie beside Python's own, under a name of their own, so only the first start is slow.
"""
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import marshal
import os
import sys

from .names import partition

PACKAGE, LITERAL, TAG = "ministack", "arn:aws:", "lakeworld2"     # a new TAG makes older compiled files void
ASIDE = ("ministack.core.iam_actions",)     # a table of patterns that nothing here evaluates
CALL = "_lakeworld_here"


def here(text):
    from ministack.core.responses import get_region
    return text.replace(LITERAL, f"arn:{partition(get_region())}:")


class Rewriter(ast.NodeTransformer):
    """Puts calls of `here` around the literals, inside functions only."""

    def __init__(self):
        self.depth = 0

    def visit_FunctionDef(self, node):
        self.depth += 1
        if ast.get_docstring(node, clean=False) is None:
            node.body = [self.visit(part) for part in node.body]
        else:
            node.body = [node.body[0], *(self.visit(part) for part in node.body[1:])]
        self.depth -= 1
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self.depth += 1
        node.body = self.visit(node.body)
        self.depth -= 1
        return node

    def visit_ClassDef(self, node):
        outer, self.depth = self.depth, 0
        self.generic_visit(node)
        self.depth = outer
        return node

    def visit_MatchValue(self, node):
        return node

    def visit_Constant(self, node):
        if not self.depth or not isinstance(node.value, str) or LITERAL not in node.value:
            return node
        return ast.copy_location(ast.Call(ast.Name(CALL, ast.Load()), [ast.Constant(node.value)], []), node)

    def visit_Compare(self, node):
        """`spec.partition != "aws"`."""
        if isinstance(node.left, ast.Attribute) and node.left.attr == "partition":
            node.comparators = [self.name(part) for part in node.comparators]
        self.generic_visit(node)
        return node

    def visit_Dict(self, node):
        """`{"AWS::Partition": "aws"}`."""
        for number, key in enumerate(node.keys):
            if isinstance(key, ast.Constant) and key.value == "AWS::Partition":
                node.values[number] = self.name(node.values[number])
        self.generic_visit(node)
        return node

    @staticmethod
    def name(node):
        """The bare name of the partition, cut out of `arn:<name>:`."""
        if not isinstance(node, ast.Constant) or node.value != "aws":
            return node
        return ast.copy_location(ast.Subscript(ast.Constant(LITERAL), ast.Slice(ast.Constant(4), ast.Constant(-1)), ast.Load()), node)

    def visit_JoinedStr(self, node):
        for number, part in enumerate(node.values):
            changed = self.visit(part)
            if changed is not part:
                changed = ast.FormattedValue(changed, -1, None)
            node.values[number] = changed
        return node


def rewrite(source, path):
    tree = ast.parse(source, path)
    start = 0
    while start < len(tree.body) and (
            isinstance(tree.body[start], ast.ImportFrom) and tree.body[start].module == "__future__"
            or isinstance(tree.body[start], ast.Expr) and isinstance(tree.body[start].value, ast.Constant)):
        start += 1
    tree = Rewriter().visit(tree)
    tree.body.insert(start, ast.ImportFrom(__name__, [ast.alias("here", CALL)], 0))
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        if fullname in ASIDE:
            return super().get_code(fullname)
        stat = os.stat(path)
        stamp = f"{TAG} {stat.st_mtime_ns} {stat.st_size}\n".encode()
        kept = importlib.util.cache_from_source(path, optimization=TAG)
        try:
            with open(kept, "rb") as file:
                if file.readline() == stamp:
                    return marshal.loads(file.read())
        except (OSError, ValueError, EOFError, TypeError):
            pass
        source = self.get_data(path)
        if LITERAL.encode() not in source and b"AWS::Partition" not in source:
            return super().get_code(fullname)
        code = rewrite(source, path)
        self._keep(kept, stamp + marshal.dumps(code))
        return code

    @staticmethod
    def _keep(path, data):
        """For the next start; a folder that cannot be written costs only time."""
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(f"{path}.{os.getpid()}", "wb") as file:
                file.write(data)
            os.replace(file.name, path)
        except OSError:
            pass


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def install():
    sys.meta_path.insert(0, Finder())
