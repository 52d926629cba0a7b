"""landauer compress from outside: the real model made smaller in stock shapes, resumed, refused."""
import json
import pathlib
import signal
import subprocess
import time
import unittest

from program import LANDAUER, MODEL, ProgramTest

FEW = ["--windows", "4", "--gradient-windows", "2", "--window-tokens", "48", "-t", "2", "--no-verdict"]


@unittest.skipUnless(MODEL, "LANDAUER_TEST_MODEL is not set")
class RealModel(ProgramTest):
    def compress(self, *words, **options):
        return self.run_landauer("compress", "-m", MODEL, *words, timeout=500, **options)

    def text(self):
        page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "laws.md"
        path = self.folder / "text.txt"
        path.write_text(page.read_text())
        return path

    def test_a_smaller_model_runs_and_is_what_was_said(self):
        small, work = self.folder / "small.gguf", self.folder / "stages"
        done = self.compress("-o", small, "--remove", "10%", "--text", self.text(), "--work", work, "--json", *FEW)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertGreater(said["removed"], 0.0999)
        self.assertLess(said["removed"], 0.11)
        self.assertEqual(said["out_bytes"], small.stat().st_size)
        self.assertLess(said["out_bytes"], said["source_bytes"])
        self.assertEqual(len(said["layers"]), 30)
        self.assertTrue(any("fewer than" in caveat for caveat in said["caveats"]), said["caveats"])

        ran = self.run_landauer("bench", "-m", small, "--protocol", "grid", "-p", "16", "-n", "4", "-r", "1",
                                "--idle", "0", "--idle-cap", "0", "--cooldown", "0", "-o", "json", "--store", self.store, timeout=300)
        self.assertEqual(ran.returncode, 0, ran.stderr)

        with self.subTest("another size uses the stages that are there"):
            again = self.compress("-o", self.folder / "smaller.gguf", "--remove", "20%", "--text", self.text(), "--work",
                                  work, "--json", *FEW)
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertNotIn("statistics", again.stderr)
            self.assertNotIn("calibration", again.stderr)
            self.assertGreater(json.loads(again.stdout)["predicted_loss_nats"], said["predicted_loss_nats"])

        with self.subTest("a size in bytes"):
            target = said["source_bytes"] - 10_000_000
            sized = self.compress("-o", self.folder / "sized.gguf", "--target-bytes", target, "--text", self.text(),
                                  "--work", work, "--json", *FEW)
            self.assertEqual(sized.returncode, 0, sized.stderr)
            self.assertLessEqual(json.loads(sized.stdout)["out_bytes"], target + 50_000)

        with self.subTest("what is compressed is not compressed again"):
            twice = self.run_landauer("compress", "-m", small, "-o", self.folder / "twice.gguf", "--remove", "10%", *FEW)
            self.assert_refused(twice, 2, "already", "--allow-compressed")

        with self.subTest("statistics of another model"):
            other = next(work.glob("statistics-*.gguf"))
            wrong = self.run_landauer("compress", "-m", small, "--allow-compressed", "-o", self.folder / "x.gguf",
                                      "--remove", "10%", "--statistics", other, *FEW)
            self.assertEqual(wrong.returncode, 2, wrong.stderr)
            self.assertIn("another model", wrong.stderr)

    def test_killed_at_any_stage_it_goes_on_and_the_output_is_the_same(self):
        words = ["compress", "-m", MODEL, "--remove", "10%", "--no-self", "--text", str(self.text()), *FEW]
        whole = subprocess.run([LANDAUER, *words, "-o", "whole.gguf"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(whole.returncode, 0, whole.stderr)
        for wait_s in (0.3, 1.0, 2.5, 5.0):
            child = subprocess.Popen([LANDAUER, *words, "-o", "cut.gguf", "--work", "cut"], cwd=self.folder,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(wait_s)
            child.send_signal(signal.SIGKILL)
            child.wait()
        last = subprocess.run([LANDAUER, *words, "-o", "cut.gguf", "--work", "cut", "--force"], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(last.returncode, 0, last.stderr)
        self.assertEqual((self.folder / "whole.gguf").read_bytes(), (self.folder / "cut.gguf").read_bytes())
        self.assertFalse((self.folder / "whole.gguf.work").exists())

    def test_the_profile_and_the_plan_write_nothing(self):
        plan = self.compress("--dry-run", "--json")
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertEqual(json.loads(plan.stdout)["block_parameters"], 106168320)
        self.assertEqual(sorted(path.name for path in self.folder.glob("*")), ["tiny.fake.json"])
        profile = self.compress("--profile", "--json", "--no-self", "--text", self.text(), "--work", "w", *FEW)
        self.assertEqual(profile.returncode, 0, profile.stderr)
        layers = json.loads(profile.stdout)["layers"]
        self.assertEqual(len(layers), 30)
        for layer in layers:
            loss = layer["neurons"]["loss_nats"]
            self.assertEqual(loss[0], 0.0)
            self.assertTrue(all(a <= b + 1e-12 for a, b in zip(loss, loss[1:])))


class Refused(ProgramTest):
    def test_what_cannot_be_done_is_said_before_any_work(self):
        model = MODEL or self.model
        out = self.folder / "o.gguf"
        for words, said in ((["-o", out], "How small"),
                            (["-o", out, "--remove", "20%", "--target-bytes", "80M"], "Two sizes"),
                            (["--remove", "20%"], "No file to write"),
                            (["-o", model, "--remove", "20%"], "onto itself")):
            self.assert_refused(self.run_landauer("compress", "-m", model, *words), 2, said)

    @unittest.skipUnless(MODEL, "LANDAUER_TEST_MODEL is not set")
    def test_bad_input_names_itself_and_a_remedy(self):
        out = self.folder / "o.gguf"
        empty, binary, tiny = (self.folder / name for name in ("empty.txt", "binary.txt", "tiny.txt"))
        empty.write_text(" \n")
        binary.write_bytes(b"abc\0def" * 100)
        tiny.write_text("x")
        base = ["compress", "-m", MODEL, "-o", out, *FEW]
        for words, said in ((["--remove", "20%", "--text", empty], "no text"),
                            (["--remove", "20%", "--text", binary], "NUL"),
                            (["--remove", "20%", "--text", tiny, "--no-self"], "tokens"),
                            (["--remove", "20%", "--no-self"], "neither"),
                            (["--remove", "many"], "share"),
                            (["--target-bytes", "-5"], "size"),
                            (["--remove", "20%", "--text", self.folder / "missing.txt"], "missing.txt")):
            done = self.run_landauer(*base, *words)
            self.assertEqual(done.returncode, 2, (words, done.stderr))
            self.assertIn(said, done.stderr)
            self.assertFalse(out.exists())

    @unittest.skipUnless(MODEL, "LANDAUER_TEST_MODEL is not set")
    def test_shares_at_the_edges(self):
        words = ["compress", "-m", MODEL, "--no-self", "--text", self.folder / "t.txt", "--work", "w", *FEW]
        (self.folder / "t.txt").write_text("Energy is what a prompt costs. " * 200)
        for share, code in (("99%", 2), ("100%", 2), ("-1%", 2), ("0%", 0)):
            done = self.run_landauer(*words, "-o", self.folder / "o.gguf", f"--remove={share}", timeout=500)
            self.assertEqual(done.returncode, code, (share, done.stderr))
        self.assertLess(abs((self.folder / "o.gguf").stat().st_size - pathlib.Path(MODEL).stat().st_size), 4096)

    def test_synthetic_and_unknown_models(self):
        made = self.run_landauer("synth", "tiny-llama", "-o", "s.gguf", "--type", "F16")
        self.assertEqual(made.returncode, 0, made.stderr)
        words = ["compress", "-m", "s.gguf", "-o", "o.gguf", "--remove", "20%", *FEW]
        self.assert_refused(self.run_landauer(*words), 2, "synthetic", "--allow-synthetic")
        done = self.run_landauer(*words, "--allow-synthetic", timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        (self.folder / "no.gguf").write_text("not a model")
        self.assert_refused(self.run_landauer("compress", "-m", "no.gguf", "-o", "o.gguf", "--remove", "20%"), 2)


if __name__ == "__main__":
    unittest.main()
