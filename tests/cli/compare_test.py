"""The verdict from outside: two fake models whose costs are known, gates, and bad input."""
import json
import os
import unittest

from program import QUICK, ProgramTest

SLOW = {"prefill_s": 0.02, "prefill_s_per_token": 1e-5, "decode_s_per_token": 1e-4}


class Compare(ProgramTest):
    def setUp(self):
        super().setUp()
        self.base = self.fake_model("base", **SLOW)
        self.small = self.fake_model("small", **SLOW, speed=2.5)

    def compare(self, *words):
        # No embedder of the user's: what is scored must not depend on who runs the tests.
        bare = {**os.environ, "XDG_CACHE_HOME": str(self.folder), "LANDAUER_EMBEDDER": ""}
        return self.run_landauer("compare", *words, "--store", self.store, *QUICK, env=bare)

    def verdict(self, *words):
        done = self.compare(*words, "--no-score", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def cost(self, page, metric, pair=0):
        return next(c for c in page["pairs"][pair]["costs"] if c["metric"] == metric)


class Verdicts(Compare):
    def test_finds_the_planted_speed_and_takes_turns(self):
        page = self.verdict(self.base, self.small, "-r", "2")
        seconds = self.cost(page, "seconds")
        self.assertLess(seconds["effect"]["ci95"][0], 0.4 * 1.15)
        self.assertGreater(seconds["effect"]["ci95"][1], 0.4 * 0.9)
        self.assertEqual(seconds["verdict"], "better")
        self.assertEqual(seconds["n_pairs"], 38)
        self.assertGreaterEqual(seconds["n_turns"], 6)
        self.assertIn("times as fast as base", page["pairs"][0]["verdict"])

    def test_pieces_are_the_users_where_given(self):
        dry = self.compare(self.base, self.small, "--pieces", "1", "--dry-run").stdout.splitlines()
        models = [line.split()[-1] for line in dry if " model " in line]
        self.assertEqual(models, ["1"] * 19 + ["2"] * 19)
        dry = self.compare(self.base, self.small, "--dry-run").stdout.splitlines()
        models = [line.split()[-1] for line in dry if " model " in line]
        self.assertGreaterEqual(sum(a != b for a, b in zip(models, models[1:])), 5)
        self.assertFalse(self.store.exists())

    def test_stored_runs_by_number_by_label_and_of_another_store(self):
        self.assertEqual(self.bench("--label", "before", model=self.base).returncode, 0)
        self.assertEqual(self.bench(model=self.small).returncode, 0)
        other = self.folder / "other.db"
        self.assertEqual(self.bench(model=self.small, store=other).returncode, 0)
        for words in (("1", "2"), ("before", "last"), ("before", f"{other}:1"), (f"{self.store}:1", other)):
            page = self.verdict(*words)
            self.assertLess(self.cost(page, "seconds")["effect"]["value"], 0.6, words)

    def test_a_stored_run_against_a_model_that_is_run_now(self):
        self.assertEqual(self.bench(model=self.base).returncode, 0)
        page = self.verdict("1", self.small)
        self.assertEqual([c["name"] for c in page["contenders"]], ["base", "small"])

    def test_several_candidates_each_against_the_base(self):
        third = self.fake_model("third", **SLOW, speed=0.5)
        page = self.verdict(self.base, self.small, third)
        self.assertEqual(len(page["pairs"]), 2)
        self.assertLess(self.cost(page, "seconds", 0)["effect"]["value"], 1)
        self.assertGreater(self.cost(page, "seconds", 1)["effect"]["value"], 1)

    def test_one_model_twice_shows_the_noise_and_says_so(self):
        page = self.verdict(self.base, self.base)
        names = [c["name"] for c in page["contenders"]]
        self.assertNotEqual(names[0], names[1])
        self.assertTrue(any("same file" in note for note in page["notes"]), page["notes"])
        self.assertNotEqual(page["contenders"][0]["run"], page["contenders"][1]["run"])

    def test_list_flags_do_not_swallow_the_models(self):
        done = self.run_landauer("compare", "-t", "1", self.base, self.small, "--store", self.store, *QUICK, "--no-score")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_format_and_the_page(self):
        for name, word in (("table", "as in the paper"), ("md", "<details>"), ("html", "forest-plot")):
            done = self.compare(self.base, self.small, "--no-score", "-o", name, "--report", "page.html",
                                "--paper", "llama8b-gilda@rpi5", "--prompts-per-day", "100", "--price", "0.3")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(word, done.stdout)
            self.assertIn("no energy meter", done.stdout)
            self.assertIn("published", done.stdout.lower())
        page = (self.folder / "page.html").read_text()
        self.assertIn("forest-plot", page)
        self.assertLess(len(page), 1_500_000)

    def test_without_an_embedder_the_page_says_that_answers_have_no_similarity(self):
        done = self.compare(self.base, self.small)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("--embedder", done.stdout)
        self.assertIn("not scored", done.stdout)


class Gates(Compare):
    def test_a_gate_that_holds_passes(self):
        done = self.compare(self.base, self.small, "--no-score", "--fail-if", "time>+5%")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("passed", done.stdout)

    def test_a_gate_that_fails_exits_with_3_after_the_page(self):
        done = self.compare(self.small, self.base, "--no-score", "--fail-if", "time>+5%", "--report", "p.html")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("FAILED", done.stdout)
        self.assertIn("time>+5%", done.stderr)
        self.assertTrue((self.folder / "p.html").exists())

    def test_certain_gates_need_the_whole_interval(self):
        done = self.compare(self.small, self.base, "--no-score", "--fail-if-certain", "time>+5%")
        self.assertEqual(done.returncode, 3, done.stderr)
        twin = self.fake_model("twin", **SLOW, seed=2)
        near = self.compare(self.base, twin, "--no-score", "--fail-if-certain", "time>+50%")
        self.assertEqual(near.returncode, 0, near.stderr)


class Controls(ProgramTest):
    def test_a_candidate_that_no_type_is_near_to_stops_no_other(self):
        for kind in ("F16", "Q4_0"):
            made = self.run_landauer("synth", "tiny-llama", "-o", f"{kind}.gguf", "--type", kind)
            self.assertEqual(made.returncode, 0, made.stderr)
        (self.folder / "t.txt").write_text("The bridge should be painted before the winter comes. " * 40)
        made = self.run_landauer("compress", "-m", "Q4_0.gguf", "-o", "tenth.gguf", "--remove", "80%", "--text", "t.txt",
                                 "--no-self", "--windows", "2", "--gradient-windows", "1", "--window-tokens", "32",
                                 "--no-verdict", "--allow-synthetic")
        self.assertEqual(made.returncode, 0, made.stderr)
        bare = {**os.environ, "XDG_CACHE_HOME": str(self.folder), "LANDAUER_EMBEDDER": ""}
        done = self.run_landauer("compare", "F16.gguf", "tenth.gguf", "Q4_0.gguf", "--with-quantised-control", "--no-score",
                                 "--protocol", "grid", "-p", "16", "-n", "4", "-r", "1", "--idle", "0", "--idle-cap", "0",
                                 "--cooldown", "0", "--contention-limit", "100000", "--store", self.store, "-o", "json",
                                 env=bare, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        verdict = json.loads(done.stdout)
        names = [one["name"] for one in verdict["contenders"]]
        self.assertEqual(names[:3], ["F16", "tenth", "Q4_0"])
        self.assertEqual(len(names), 4, "a control of the one that a type is near to")
        self.assertTrue(any("has no control" in note for note in verdict["notes"]), verdict["notes"])


class BadInput(Compare):
    def test_one_model_alone(self):
        self.assert_refused(self.compare(self.base), 2, "at least one candidate")

    def test_nothing(self):
        self.assert_refused(self.compare(), 2, "BASE CANDIDATE")

    def test_a_missing_run_is_said_before_anything_runs(self):
        self.assertEqual(self.bench(model=self.base).returncode, 0)
        self.assert_refused(self.compare("7", self.small), 2, "7")
        self.assertNotIn("small", self.run_landauer("runs", "list", "--store", self.store).stdout)

    def test_a_missing_store(self):
        done = self.compare("none.db:1", self.small)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("none.db", done.stderr)

    def test_a_missing_model(self):
        self.assert_refused(self.compare(self.base, "missing.gguf"), 2, "missing.gguf")

    def test_the_same_run_twice(self):
        self.assertEqual(self.bench(model=self.base).returncode, 0)
        self.assert_refused(self.compare("1", "last"), 2, "same run")

    def test_two_runs_of_one_model_by_flags(self):
        self.assert_refused(self.compare(self.base, self.small, "-t", "1,2"), 2, "4 runs of 2 models")

    def test_gates_that_mean_nothing(self):
        self.assert_refused(self.compare(self.base, self.small, "--fail-if", "time"), 2, "time")
        self.assert_refused(self.compare(self.base, self.small, "--no-score", "--fail-if", "beauty>+5%"), 2, "beauty")

    def test_unknown_pair_format_and_margin(self):
        self.assert_refused(self.compare(self.base, self.small, "--paper", "gpt@phone"), 2, "llama8b-gilda@rpi5")
        self.assert_refused(self.compare(self.base, self.small, "-o", "csv"), 2, "table, md, json, html")
        self.assert_refused(self.compare(self.base, self.small, "--margin", "0"), 2, "--margin")

    def test_use_without_how_often(self):
        self.assert_refused(self.compare(self.base, self.small, "--price", "0.3"), 2, "--prompts-per-day")

    def test_more_making_than_candidates(self):
        self.assert_refused(self.compare(self.base, self.small, "--making-wh", "1,2"), 2, "--making-wh")

    def test_a_control_of_a_fake_model(self):
        self.assert_refused(self.compare(self.base, self.small, "--with-quantised-control"), 2)

    def test_references_that_are_not_there(self):
        self.assertNotEqual(self.compare(self.base, self.small, "--references", "none.jsonl").returncode, 0)

    def test_references_for_some_prompts_only_are_counted(self):
        refs = self.folder / "refs.jsonl"
        refs.write_text('{"id": "P1", "answer": "Yes."}\n')
        done = self.compare(self.base, self.small, "--references", refs, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["contenders"][0]["scores"]["n_without_reference"], 18)


if __name__ == "__main__":
    unittest.main()
