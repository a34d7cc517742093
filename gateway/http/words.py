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
    """Plain fields are annotations with a string below; messages and lists are properties."""
    found = {node.name: ast.get_docstring(node) or ""}
    for declared, below in zip(node.body, [*node.body[1:], ast.Pass()], strict=True):
        if isinstance(declared, ast.FunctionDef):
            found[f"{node.name}.{declared.name}"] = ast.get_docstring(declared) or ""
        elif isinstance(declared, ast.AnnAssign) and isinstance(declared.target, ast.Name):
            found[f"{node.name}.{declared.target.id}"] = _string(below)
    return {name: " ".join(words.split()) for name, words in found.items() if words}


def _string(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""
