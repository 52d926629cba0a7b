"""The landauer program as tests see it: a fake model, a store in a temporary folder, exit codes."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

LANDAUER = os.environ.get("LANDAUER", "landauer")
MODEL = os.environ.get("LANDAUER_TEST_MODEL", "")

# Short enough that a whole ladder takes a second.
FAST = {"load_s": 0.001, "prefill_s": 0.0005, "prefill_s_per_token": 1e-6, "decode_s_per_token": 1e-5}
QUICK = ["--idle", "0", "--idle-cap", "0", "--cooldown", "0", "--delay", "0", "-n", "2", "--contention-limit", "100000"]


class ProgramTest(unittest.TestCase):
    """Each test gets a folder of its own and a fake model in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="landauer-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.model = self.fake_model()
        self.store = self.folder / "s.db"

    def fake_model(self, name="tiny", **changes):
        path = self.folder / f"{name}.fake.json"
        path.write_text(json.dumps({**FAST, **changes}))
        return path

    def run_landauer(self, *words, timeout=120, **options):
        return subprocess.run([LANDAUER, *map(str, words)], capture_output=True, text=True, timeout=timeout,
                              cwd=self.folder, **options)

    def bench(self, *words, model=None, store=None, **options):
        return self.run_landauer("bench", "-m", model or self.model, "--store", store or self.store, *QUICK, *words,
                                 **options)

    def start_bench(self, *words, model=None):
        return subprocess.Popen([LANDAUER, "bench", "-m", str(model or self.model), "--store", str(self.store),
                                 *QUICK, "--progress", *map(str, words)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def trials(self, run="last", store=None):
        """The trials of a run as the CSV report shows them, one dictionary each."""
        import csv
        import io
        done = self.run_landauer("report", run, "--store", store or self.store, "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def assert_refused(self, done, code, *words):
        """One clear sentence, a remedy, the right exit code, nothing on stdout."""
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.strip().splitlines()
        self.assertTrue(lines and lines[0].startswith("landauer: "), done.stderr)
        self.assertGreaterEqual(len(lines), 2, "a remedy follows the sentence: " + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
