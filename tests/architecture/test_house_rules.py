"""House rules that no linter knows, read from the syntax tree."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("complaints", "referrals")


def modules(*patterns: str) -> list[tuple[Path, ast.Module]]:
    return [
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for app in APPS
        for pattern in patterns
        for path in sorted((ROOT / app).glob(pattern))
    ]


def test_doors_never_touch_managers():
    offences = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in modules("web/**/*.py", "api/**/*.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]

    assert offences == []


def test_only_transitions_write_a_status():
    offences = []
    for path, tree in modules("**/*.py"):
        if "migrations" in path.parts or path.name == "transitions.py":
            continue
        for node in ast.walk(tree):
            assigned = isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Attribute) and target.attr == "status"
                for target in node.targets
            )
            updated = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
                and any(keyword.arg == "status" for keyword in node.keywords)
            )
            if assigned or updated:
                offences.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")

    # A deadline's own status is no state machine, nor is an order for a copy: one writer each.
    writers = ("services/deadlines.py", "services/evidence_copies.py")
    assert [line for line in offences if not any(writer in line for writer in writers)] == []


def test_tasks_take_keyword_only_simple_arguments():
    offences = []
    trees = modules("tasks.py")
    shared = ROOT / "bawaslu_cases" / "shared" / "tasks.py"
    trees.append((shared, ast.parse(shared.read_text(encoding="utf-8"))))
    seen = 0
    for path, tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef) or not node.name.endswith("_task"):
                continue
            seen += 1
            simple = all(
                isinstance(argument.annotation, ast.Name)
                and argument.annotation.id in {"int", "str", "bool", "float"}
                for argument in node.args.kwonlyargs
            )
            if node.args.args or not simple:
                offences.append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert seen >= 2
    assert offences == []


def test_no_module_is_called_utils_or_helpers():
    banned = {"utils.py", "helpers.py", "misc.py", "common.py"}
    found = [
        str(path.relative_to(ROOT))
        for app in (*APPS, "bawaslu_cases")
        for path in (ROOT / app).rglob("*.py")
        if path.name in banned
    ]

    assert found == []
