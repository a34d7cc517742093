"""The words of the contracts, which the generated stubs carry as docstrings."""

import ast
from functools import cache
from importlib import resources


@cache
def of_file(proto: str) -> dict[str, str]:
    """Return the comment of each message and field of a proto file, by its full name in the file.

    `qyzmet/cases/v1/cases.proto` gives `{"Case": "...", "Case.id": "..."}`. Descriptors
    drop comments at run time; the stubs beside the generated code keep them.
    """
    folder, _, name = proto.rpartition("/")
    stub = resources.files(folder.replace("/", ".")) / name.replace(".proto", "_pb2.pyi")
    if not stub.is_file():
        return {}
    found: dict[str, str] = {}
    for node in ast.parse(stub.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= _of_class(node)
    return found


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    found = {node.name: _one_line(ast.get_docstring(node) or "")}
    for declared, below in zip(node.body, node.body[1:], strict=False):
        name = _declared_name(declared)
        if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[f"{node.name}.{name}"] = _one_line(str(below.value.value))
    return found


def _declared_name(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return node.name if isinstance(node, ast.FunctionDef) else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
