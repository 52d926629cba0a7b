"""References by a real llama-server of the same source: made, interrupted, resumed. Skipped where it is not built."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import unittest
import urllib.request

from program import LANDAUER, MODEL, ProgramTest


def server_program():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    found = sorted((cache / "landauer" / "llama").glob("*-tools/bin/llama-server"))
    return found[0] if found else None


@unittest.skipUnless(MODEL and server_program(), "needs LANDAUER_TEST_MODEL and llama-server: tools/llama.sh --tools")
class AgainstLlamaServer(ProgramTest):
    def setUp(self):
        super().setUp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.server = subprocess.Popen([server_program(), "-m", MODEL, "--host", "127.0.0.1", "--port", str(port),
                                        "-c", "4096", "-np", "1", "-t", "2"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        self.wait_until_ready()

    def stop(self):
        self.server.terminate()
        self.server.wait(timeout=30)

    def wait_until_ready(self):
        for _ in range(600):
            self.assertIsNone(self.server.poll(), "the server ended")
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        self.fail("the server never got ready")

    def words(self):
        return [LANDAUER, "score", "--make-references", "--endpoint", self.url, "--model", "smol", "-n", "24",
                "--prompts", "p.jsonl", "--out", "r.jsonl"]

    def references(self):
        file = self.folder / "r.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def test_made_interrupted_and_resumed(self):
        questions = [f"Name the number that follows {n}, in one short sentence." for n in range(40)]
        (self.folder / "p.jsonl").write_text("".join(
            json.dumps({"id": f"q{n}", "text": text}) + "\n" for n, text in enumerate(questions)))
        asking = subprocess.Popen(self.words(), cwd=self.folder, stderr=subprocess.PIPE, text=True)
        for _ in range(600):
            if len(self.references()) >= 2 or asking.poll() is not None:
                break
            time.sleep(0.05)
        asking.send_signal(signal.SIGINT)
        _, said = asking.communicate(timeout=60)
        self.assertEqual(asking.returncode, 130, said)
        kept = self.references()
        self.assertGreaterEqual(len(kept), 2)
        self.assertLess(len(kept), len(questions))
        done = subprocess.run(self.words(), cwd=self.folder, stderr=subprocess.PIPE, text=True, timeout=500)
        self.assertEqual(done.returncode, 0, done.stderr)
        whole = self.references()
        self.assertEqual(whole[:len(kept)], kept)
        self.assertEqual([line["id"] for line in whole], [f"q{n}" for n in range(len(questions))])
        self.assertTrue(all(line["answer"].strip() for line in whole))
        self.assertEqual(whole[0]["settings"]["endpoint"], self.url.removeprefix("http://"))
        self.assertIn(f"{len(kept)} were there", done.stderr)


if __name__ == "__main__":
    unittest.main()
