"""The commands from outside, on a fake model whose cost is known."""
import json
import os
import subprocess
import unittest

from program import LANDAUER, ProgramTest


class Bench(ProgramTest):
    def test_runs_the_ladder_and_fits_the_planted_law(self):
        model = self.fake_model("law", prefill_s=0.02, prefill_s_per_token=0.0003, decode_s_per_token=0.0005)
        done = self.bench("-r", "2", "--report", "r.html", model=model)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("P19", done.stdout)
        self.assertIn(str(self.folder / "r.html"), done.stderr)
        page = (self.folder / "r.html").read_text()
        self.assertLess(len(page), 1_500_000)
        cards = self.run_landauer("laws", "--store", self.store, "--cards", "cards")
        self.assertEqual(cards.returncode, 0, cards.stderr)
        card = json.loads((self.folder / "cards" / "run1.seconds.law.json").read_text())
        terms = {t["name"]: t["value"] for t in card["terms"]}

        def seconds(n):
            return terms["intercept"] + terms.get("n_in", 0.0) * n + terms.get("n_in^2", 0.0) * n * n

        self.assertAlmostEqual((seconds(1200) - seconds(200)) / 1000, 0.0003, delta=0.00006)

    def test_dry_run_measures_nothing(self):
        done = self.bench("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("19 trials", done.stdout)
        self.assertFalse(self.store.exists())

    def test_lists_make_one_run_for_each_setting(self):
        self.assertEqual(self.bench("-t", "1,2", "-b", "512,1024").returncode, 0)
        listed = self.run_landauer("runs", "list", "--store", self.store)
        self.assertEqual(listed.stdout.count("tiny"), 4, listed.stdout)

    def test_grid_speaks_llama_bench(self):
        done = self.bench("--protocol", "grid", "-p", "16,32", "-pg", "16,4", "-d", "0,8", "-r", "2", "-o", "jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({(r["n_prompt"], r["n_gen"], r["n_depth"]) for r in rows},
                         {(p, n, d) for p, n in ((16, 0), (32, 0), (0, 2), (16, 4)) for d in (0, 8)})
        self.assertTrue(all(len(r["samples_ns"]) == 2 for r in rows))

    def test_nothing_is_run_twice_unless_asked(self):
        self.assertEqual(self.bench().returncode, 0)
        again = self.bench()
        self.assertEqual(again.returncode, 0)
        self.assertIn("Nothing left to run", again.stderr)
        self.assertEqual(self.bench("--rerun").returncode, 0)
        self.assertIn("2 ", self.run_landauer("runs", "list", "--store", self.store).stdout)

    def test_every_format_goes_to_stdout_alone(self):
        self.assertEqual(self.bench().returncode, 0)
        for name in ("table", "md", "csv", "json", "jsonl", "sql", "html"):
            done = self.run_landauer("report", "--store", self.store, "--format", name)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout, name)
            self.assertEqual(done.stderr, "", name)

    def test_table_fits_a_hundred_columns(self):
        self.assertEqual(self.bench().returncode, 0)
        done = self.run_landauer("report", "--store", self.store)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100, done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_verify_finds_every_figure_reproducible(self):
        self.assertEqual(self.bench("-r", "2", "--rate", "50").returncode, 0)
        done = self.run_landauer("runs", "verify", "--store", self.store)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_sampling_and_plain_prompts(self):
        done = self.bench("--temp", "0.7", "--seed", "5", "--no-chat-template", "--stop-at-end", "--prefix-cache")
        self.assertEqual(done.returncode, 0, done.stderr)


class Selftest(ProgramTest):
    def test_tells_a_user_what_holds_and_a_script_the_same(self):
        done = self.run_landauer("selftest", "--seeds", "4", "--only", "rapl,reset")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("4/4", done.stdout)
        self.assertIn("within the stated bounds", done.stdout)
        self.assertEqual(done.stderr, "")
        told = json.loads(self.run_landauer("selftest", "--seeds", "4", "--only", "rapl,reset", "-o", "json").stdout)
        self.assertTrue(told["passed"])
        self.assertEqual([s["name"] for s in told["scenarios"]], ["rapl", "reset"])
        self.assertEqual(told["scenarios"][1]["n_detected"], 4)

    def test_leaves_nothing_behind(self):
        before = set(self.folder.iterdir())
        done = self.run_landauer("selftest", "--seeds", "2", "--only", "rapl", env={**os.environ, "TMPDIR": str(self.folder)})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_unknown_machine_and_no_seeds_are_refused(self):
        self.assert_refused(self.run_landauer("selftest", "--only", "abacus"), 2, "rapl")
        self.assert_refused(self.run_landauer("selftest", "--seeds", "0"), 2, "--seeds")


class Help(ProgramTest):
    COMMANDS = ("bench", "import", "laws", "predict", "report", "runs", "meters", "doctor", "selftest", "synth", "completion",
                "man")

    def test_every_command_has_help_with_an_example(self):
        for command in self.COMMANDS:
            done = self.run_landauer(command, "--help")
            self.assertEqual(done.returncode, 0, command)
            self.assertIn("xample", done.stdout, command)

    def test_completion_names_every_command(self):
        for shell in ("bash", "zsh", "fish"):
            done = self.run_landauer("completion", shell)
            self.assertEqual(done.returncode, 0)
            for command in self.COMMANDS:
                self.assertIn(command, done.stdout)
        script = self.run_landauer("completion", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True).returncode, 0)

    def test_unknown_shell(self):
        self.assert_refused(self.run_landauer("completion", "tcsh"), 2, "tcsh")

    def test_man_page_names_every_option_of_bench(self):
        page = self.run_landauer("man").stdout
        self.assertTrue(page.startswith(".TH LANDAUER 1"))
        self.assertIn("cache\\-type\\-k", page)

    def test_meters_and_doctor_answer(self):
        for command in ("meters", "doctor"):
            done = self.run_landauer(command)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout)

    def test_version(self):
        self.assertRegex(self.run_landauer("--version").stdout, r"^landauer \d+\.\d+\.\d+")


if __name__ == "__main__":
    unittest.main()
