"""landauer score: stored answers against references, references by a fake model, refusals."""
import http.server
import json
import os
import sqlite3
import threading
import unittest

from program import ProgramTest

NOWHERE = {"LANDAUER_EMBEDDER": "", "XDG_CACHE_HOME": "/nonexistent"}


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.endswith("API_KEY")}
    return {**env, **NOWHERE, **more}


class Scoring(ProgramTest):
    def score(self, *words, **more):
        return self.run_landauer("score", "--store", self.store, *words, env=environment(**more))


class Score(Scoring):
    def scored(self, *words):
        done = self.score("-o", "json", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout), done.stderr

    def prompts(self, *lines):
        file = self.folder / "p.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return file

    def test_the_built_in_ladder_without_an_embedder(self):
        self.assertEqual(self.bench().returncode, 0)
        runs, said = self.scored()
        self.assertIn("--embedder", said)
        self.assertIn("19 answers", runs[0]["references"])
        self.assertIsNone(runs[0]["similarity"])
        self.assertEqual(runs[0]["n_without_reference"], 0)
        self.assertGreaterEqual(runs[0]["exact_match"]["n_prompts"], 1)
        self.assertTrue(all(a["defect"] in ("", "cut-off", "loop") for a in runs[0]["answers"]))
        with sqlite3.connect(self.store) as db:
            kept = db.execute("SELECT count(*) FROM score").fetchone()[0]
        self.assertEqual(kept, len(runs[0]["answers"]))

    def test_formats(self):
        self.assertEqual(self.bench().returncode, 0)
        table = self.score("-v")
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertIn("exact match", table.stdout)
        self.assertIn("keyword recall", table.stdout)
        self.assertIn("P1 ", table.stdout)
        short = self.score().stdout
        self.assertLess(len(short), len(table.stdout))
        markdown = self.score("-o", "md", "--out", "s.md")
        self.assertEqual((markdown.returncode, markdown.stdout), (0, ""))
        self.assertIn("|---|---:|", (self.folder / "s.md").read_text())

    def test_the_scene_has_references_of_its_own(self):
        sees = self.fake_model("sees", image_px_per_token=784)
        done = self.bench("--mmproj", "x", "--resolutions", "64x64,128x128", model=sees)
        self.assertEqual(done.returncode, 0, done.stderr)
        runs, _ = self.scored()
        self.assertIn("traffic scene 1", runs[0]["references"])
        self.assertEqual({a["prompt_id"] for a in runs[0]["answers"]}, {"64x64", "128x128"})
        self.assertEqual(runs[0]["n_without_reference"], 0)

    def test_prompts_of_ones_own(self):
        prompts = self.prompts({"id": "a", "text": "One.", "expected": "one"}, {"id": "b", "text": "Two."})
        self.assertEqual(self.bench("--prompts", prompts).returncode, 0)
        runs, said = self.scored()
        self.assertIn("--references", said)
        self.assertEqual(runs[0]["n_without_reference"], 2)
        self.assertEqual(runs[0]["exact_match"]["n_prompts"], 1)
        refs = self.folder / "r.jsonl"
        refs.write_text('{"id":"a","answer":"one"}\n')
        runs, _ = self.scored("--references", refs)
        self.assertEqual(runs[0]["n_without_reference"], 1)

    def test_several_runs(self):
        other = self.fake_model("other", decode_s_per_token=2e-5)
        self.assertEqual(self.bench().returncode, 0)
        self.assertEqual(self.bench(model=other).returncode, 0)
        runs, _ = self.scored("1", "2", "1")
        self.assertEqual([run["run_id"] for run in runs], [1, 2])

    def test_references_by_a_model_here(self):
        prompts = self.prompts({"id": "a", "text": "One two."}, {"id": "b", "text": "Three."})
        words = ("--make-references", "-m", self.model, "--prompts", prompts, "--out", "r.jsonl", "-n", "6")
        made = self.score(*words)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("2 answers", made.stderr)
        lines = [json.loads(line) for line in (self.folder / "r.jsonl").read_text().splitlines()]
        self.assertEqual([line["id"] for line in lines], ["a", "b"])
        self.assertEqual(len(lines[0]["settings"]["model_sha256"]), 64)
        again = self.score(*words)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("2 were there", again.stderr)
        self.assertEqual(len((self.folder / "r.jsonl").read_text().splitlines()), 2)
        self.assertEqual(self.bench("--prompts", prompts).returncode, 0)
        runs, _ = self.scored("--references", "r.jsonl")
        self.assertEqual(runs[0]["n_without_reference"], 0)

    def test_refusals(self):
        self.assert_refused(self.score(), 1, "no store")
        self.assertEqual(self.bench().returncode, 0)
        bad = self.folder / "bad.jsonl"
        bad.write_text('{"id":"P1","answer":"x"}\nnonsense\n')
        for words, said in (
                (("--references", "gone.jsonl"), ("gone.jsonl",)),
                (("--references", bad), ("line 2",)),
                (("7",), ("7", "runs list")),
                (("--rule", "worst"), ("best",)),
                (("-o", "xml"), ("json",)),
                (("--make-references", "-m", self.model), ("--out",)),
                (("--make-references", "--out", "r.jsonl"), ("-m", "--endpoint")),
                (("--make-references", "--endpoint", "http://x", "--out", "r.jsonl"), ("--model",)),
                (("--make-references", "--endpoint", "http://u:secret@x", "--model", "m", "--out", "r"), ("address",)),
                (("--make-references", "--endpoint", "http://x", "--model", "m", "--key-env", "NONE_SUCH", "--out",
                  "r"), ("NONE_SUCH",)),
                (("--make-references", "-m", self.model, "--price-per-mtoken", "cheap", "--out", "r"), ("cheap",)),
                (("-m", self.model), ("--make-references",)),
                (("--base", self.model), ("--text",)),
                (("--text", "gone.txt", "-m", "x.gguf"), ("gone.txt",)),
                (("--text", bad), ("-m",)),
                (("--text", bad, "-m", self.model), ("fake",))):
            with self.subTest(words=words):
                done = self.score(*words)
                self.assert_refused(done, 2, *said)
                self.assertNotIn("secret", done.stderr)

    def test_grid_runs_ask_nothing(self):
        self.assertEqual(self.bench("--protocol", "grid", "-p", "8", "-r", "1").returncode, 0)
        self.assert_refused(self.score(), 2, "asks nothing")


class Answers(http.server.BaseHTTPRequestHandler):
    """An endpoint of a few lines; what it was sent is kept."""
    seen = []
    refuse_after = None

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).seen.append((self.headers.get("Authorization"), body))
        status, answer = 200, {"choices": [{"message": {"content": "an answer"}, "finish_reason": "stop"}],
                               "usage": {"prompt_tokens": 1000, "completion_tokens": 500}}
        if self.refuse_after is not None and len(self.seen) > self.refuse_after:
            status, answer = 401, {"error": {"message": "bad key " + (self.headers.get("Authorization") or "")}}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class ByEndpoint(Scoring):
    def setUp(self):
        super().setUp()
        self.handler = type("Handler", (Answers,), {"seen": [], "refuse_after": None})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"

    def make(self, *words, **more):
        return self.score("--make-references", "--endpoint", self.url, "--model", "big", "--out", "r.jsonl", *words,
                          **more)

    def everything_written(self):
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())

    def test_cost_and_the_key_stays_secret(self):
        done = self.make("--price-per-mtoken", "2,4", LANDAUER_API_KEY="sk-hush-hush")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.handler.seen), 19)
        self.assertEqual(self.handler.seen[0][0], "Bearer sk-hush-hush")
        self.assertIn("19000 tokens in, 9500 out: 0.0760 by your price", done.stderr)
        self.assertNotIn("hush", done.stderr + done.stdout)
        self.assertNotIn(b"hush", self.everything_written())

    def test_a_key_refused_midway_loses_nothing(self):
        self.handler.refuse_after = 4
        done = self.make(MY_KEY="sk-hush-hush", LANDAUER_API_KEY="other")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("LANDAUER_API_KEY", done.stderr)
        self.assertNotIn("other (", done.stderr)
        self.handler.refuse_after = None
        self.handler.seen.clear()
        again = self.make("--key-env", "MY_KEY", MY_KEY="sk-hush-hush")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(len(self.handler.seen), 15)
        self.assertEqual(self.handler.seen[0][0], "Bearer sk-hush-hush")
        self.assertIn("4 were there", again.stderr)


if __name__ == "__main__":
    unittest.main()
