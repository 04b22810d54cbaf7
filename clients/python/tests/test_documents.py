"""The quick start runs word for word, twice; so do the examples. The package installs without a network."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from unittest import IsolatedAsyncioTestCase, TestCase, skipUnless

from kvaspire import KvClient

from .system import gateway, register

folder = Path(__file__).resolve().parents[1]


def run(*parameters: str, **env: str) -> list[str]:
    program = subprocess.run(
        [sys.executable, "-B", *parameters], cwd=folder, env={**os.environ, "PYTHONPATH": "src", **env}, capture_output=True, text=True,
        timeout=60, check=False,
    )
    assert program.returncode == 0, program.stderr
    return program.stdout.splitlines()


class DocumentsAlone(IsolatedAsyncioTestCase):
    def test_the_quick_start_of_the_readme_runs_twice(self):
        name = f"py_{uuid.uuid4().hex}"
        code = "".join(re.findall(r"^```python\n(.*?)^```", (folder / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE))
        for given, own in [("http://localhost:8080", gateway), ("example_user", name), ("user@example.com", f"{name}@example.com")]:
            code = code.replace(given, own)
        first, second = run("-c", code), run("-c", code)
        self.assertEqual([first[0], second[0]], ["visits: 1", "visits: 12"])
        self.assertEqual(first[1], "users/42 {'name': 'Ada', 'born': 1815}")
        self.assertRegex(first[2], r"^\d+ put users/42$")
        self.assertEqual(first[3], first[1])

    async def test_the_examples_count_lock_and_go_on_with_a_feed(self):
        credentials = await register()
        env = {"KVASPIRE_URL": gateway, "KVASPIRE_USER": credentials.username, "KVASPIRE_PASSWORD": credentials.password}
        self.assertEqual(run("examples/counter.py", **env), ["visits today: 10"])
        self.assertRegex(",".join(run("examples/lock.py", **env)), r"^process \d+ holds the lock,released$")
        with KvClient(gateway, credentials) as kv, tempfile.TemporaryDirectory() as position:
            orders = [kv.set(f"orders/{i}", i).revision for i in (1, 2)]
            self.assertEqual(self.feed(position, 2, env), [f"{orders[0]}: put orders/1", f"{orders[1]}: put orders/2"])
            third = kv.set("orders/3", 3).revision
            self.assertEqual(self.feed(position, 1, env), [f"{third}: put orders/3"])

    def feed(self, position, lines, env):
        program = [sys.executable, "-B", "examples/feed.py", f"{position}/feed"]
        with subprocess.Popen(program, cwd=folder, env={**os.environ, **env, "PYTHONPATH": "src"}, stdout=subprocess.PIPE, text=True) as feed:
            seen = [feed.stdout.readline().strip() for _ in range(lines)]
            while not Path(position, "feed").exists() or Path(position, "feed").read_text() != seen[-1].split(":")[0]:
                pass
            feed.send_signal(signal.SIGINT)
            self.assertEqual(feed.wait(10), 0)
            return seen


class PackageAlone(TestCase):
    @skipUnless(subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0, "There is no pip.")
    def test_the_package_installs_without_a_network_and_has_its_types(self):
        with tempfile.TemporaryDirectory() as target:
            run("-m", "pip", "install", "--quiet", "--no-index", "--no-compile", "--target", target, ".")
            shown = run("-c", "import kvaspire, importlib.metadata as m; print(kvaspire.__file__, m.version('kvaspire'))", PYTHONPATH=target)
            self.assertEqual(shown, [f"{target}/kvaspire/__init__.py 1.0.0"])
            self.assertTrue(Path(target, "kvaspire/py.typed").exists())
