"""The house's rules that can be read off its imports and its calls (README, the map of rooms)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("server", "agent", "tools")
ADAPTERS = ("tools.providers", "tools.storage", "tools.media", "agent.models")
CAMEL = re.compile(r"[a-z]+[A-Z]\w*")
FRAMES = {"emit", "send_str", "send_bytes", "send_json", "send_packet", "put_nowait"}

Modules = dict[str, ast.Module]


def _modules() -> Modules:
    files = (file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text("utf-8")) for file in files}


MODULES = _modules()


def _imports(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported, at the top or within a function, as a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _strangers(path: str, *allowed: str) -> list[str]:
    """What the module imports beside the standard library and `allowed`."""
    return [
        name
        for name in _imports(MODULES[path])
        if name.split(".")[0] not in sys.stdlib_module_names and not _is_in(name, allowed)
    ]


def _under(*folders: str) -> list[str]:
    return sorted(path for path in MODULES if path.startswith(folders))


def test_the_import_contracts_hold():
    linter = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    checked = subprocess.run(
        [sys.executable, "-c", linter],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", [*_under("tools/domain/"), "tools/errors.py"])
def test_the_domain_needs_nothing_but_the_language(path):
    assert _strangers(path, "tools.domain", "tools.errors") == []


def test_the_errors_need_nothing_at_all():
    assert _strangers("tools/errors.py") == []


@pytest.mark.parametrize("path", ["agent/turn.py", "agent/ports.py", "agent/conversation.py"])
def test_the_turn_needs_nothing_but_the_language_and_the_studios_words(path):
    assert _strangers(path, "agent", "tools.contract", "tools.domain", "tools.errors") == []


@pytest.mark.parametrize("path", ["tools/rendering/advance.py", "tools/rendering/studio.py"])
def test_a_film_is_made_without_knowing_by_what_library(path):
    assert _strangers(path, "tools") == []


def test_one_file_of_the_server_names_adapters():
    naming = {
        path
        for path in _under("server/")
        if any(_is_in(name, ADAPTERS) for name in _imports(MODULES[path]))
    }

    assert naming == {"server/compose.py"}


def test_nobody_in_the_agent_names_a_chat_model():
    naming = {
        path
        for path in _under("agent/")
        if not path.startswith("agent/models/")
        and any(_is_in(name, ("agent.models",)) for name in _imports(MODULES[path]))
    }

    assert naming == set()


def test_one_file_reads_the_environment():
    """A child process is started with a few variables of ours: `children` passes them on."""
    readers = {path for path, tree in MODULES.items() if _reads_environment(tree)}

    assert readers == {"server/settings.py", "tools/media/children.py"}


def _reads_environment(tree: ast.Module) -> bool:
    names = {"os.environ", "os.environb", "os.getenv", "pydantic_settings.BaseSettings"}
    read = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return bool(names & (read | set(_imports(tree))))


def test_two_files_send_frames_to_browsers():
    """The announcer decides what goes out; `strict` is the socket it goes through."""
    senders = {
        path
        for path in _under("server/")
        for node in ast.walk(MODULES[path])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in FRAMES or ast.unparse(node.func) == "outlet.send")
    }

    assert senders == {"server/socket/announcer.py", "server/socket/strict.py"}


WRITE_CAMEL = (
    "server/wire/",  # the public shapes
    "server/http/parts.py",  # the words of OpenAPI, and the names it describes
    "server/http/files.py",
    "server/http/uploads.py",
    "server/http/videos.py",
    "server/http/site.py",
    "server/http/openapi/",
    "server/mcp/",  # results of tools, as their clients read them
    "server/socket/announcer.py",  # text frames, too many for a model each
    "tools/catalogue/rows.py",  # the catalogue's row, shared by REST and list-models
    "tools/list_models.py",  # results of tools are JSON as models read it
    "tools/refine_prompt.py",
    "tools/generate_video.py",
    "tools/apply_template.py",
    "agent/instructions.py",  # the briefing: what a model reads
    "agent/models/",  # arguments of tools, as a model writes them
)


def test_the_worlds_camel_case_is_written_at_the_edges_alone():
    writers = {
        f"{path}:{key.lineno} {key.value}"
        for path, tree in MODULES.items()
        if not path.startswith(WRITE_CAMEL)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
        and isinstance(key.value, str)
        and CAMEL.fullmatch(key.value)
    }

    assert writers == set()


def test_no_test_folder_shadows_the_package_it_mirrors():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_module_opens_with_why_it_exists():
    silent = {
        path
        for path, tree in MODULES.items()
        if tree.body and ast.get_docstring(tree) is None and not path.endswith("__init__.py")
    }

    assert silent == set()
