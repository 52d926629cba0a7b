"""landauer compress from outside: made smaller in stock shapes, profiled, judged, resumed, refused."""
import json
import pathlib
import re
import signal
import subprocess
import time
import unittest

from program import LANDAUER, MODEL, ProgramTest

FEW = ["--windows", "4", "--gradient-windows", "2", "--window-tokens", "48", "-t", "2"]
TEXT = "Energy is what a prompt costs, and the bridge should be painted before the winter comes. " * 60


class SmallModel(ProgramTest):
    """Random weights of a small shape: everything but what real weights say."""

    def setUp(self):
        super().setUp()
        made = self.run_landauer("synth", "tiny-llama", "-o", "s.gguf", "--type", "F16")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.text = self.folder / "text.txt"
        self.text.write_text(TEXT)

    def words(self, *words):
        return ["compress", "-m", "s.gguf", "--allow-synthetic", "--no-self", "--text", self.text, *FEW, *words]

    def compress(self, *words, **options):
        return self.run_landauer(*self.words(*words), timeout=120, **options)

    def said(self, *words):
        done = self.compress("--json", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout), done.stderr


class Sizes(SmallModel):
    def test_another_size_uses_the_stages_that_are_there(self):
        work = ["--work", "stages", "--no-verdict"]
        first, _ = self.said("-o", "a.gguf", "--remove", "10%", *work)
        self.assertEqual(first["out_bytes"], (self.folder / "a.gguf").stat().st_size)
        self.assertTrue(any("fewer than" in caveat for caveat in first["caveats"]), first["caveats"])
        second, talk = self.said("-o", "b.gguf", "--remove", "30%", *work)
        self.assertNotIn("statistics", talk)
        self.assertNotIn("calibration", talk)
        self.assertGreater(second["predicted_loss_nats"], first["predicted_loss_nats"])

        with self.subTest("a size in bytes"):
            target = first["source_bytes"] - 1_000_000
            sized, _ = self.said("-o", "sized.gguf", "--target-bytes", target, *work)
            self.assertLessEqual(sized["out_bytes"], target + 50_000)

        with self.subTest("shares at the edges"):
            for share, code in (("99%", 2), ("100%", 2), ("-1%", 2), ("0%", 0)):
                done = self.compress("-o", "edge.gguf", f"--remove={share}", *work)
                self.assertEqual(done.returncode, code, (share, done.stderr))
            self.assertLess(abs((self.folder / "edge.gguf").stat().st_size - first["source_bytes"]), 4096)

        with self.subTest("what is compressed is not compressed again, nor by another model's statistics"):
            words = ["compress", "-m", "a.gguf", "-o", "c.gguf", "--remove", "10%", "--allow-synthetic", "--no-verdict"]
            self.assert_refused(self.run_landauer(*words, *FEW), 2, "already", "--allow-compressed")
            statistics = next((self.folder / "stages").glob("statistics-*.gguf"))
            wrong = self.run_landauer(*words, "--allow-compressed", "--statistics", statistics, *FEW)
            self.assertEqual(wrong.returncode, 2, wrong.stderr)
            self.assertIn("another model", wrong.stderr)

    def test_killed_at_any_stage_it_goes_on_and_the_output_is_the_same(self):
        whole = self.compress("--remove", "10%", "--no-verdict", "-o", "whole.gguf")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        for wait_s in (0.05, 0.15, 0.3, 0.5):
            child = subprocess.Popen([LANDAUER, *map(str, self.words("--remove", "10%", "--no-verdict", "-o", "cut.gguf",
                                                                     "--work", "cut", "--force"))],
                                     cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(wait_s)
            child.send_signal(signal.SIGKILL)
            child.wait()
        last = self.compress("--remove", "10%", "--no-verdict", "-o", "cut.gguf", "--work", "cut", "--force")
        self.assertEqual(last.returncode, 0, last.stderr)
        self.assertEqual((self.folder / "whole.gguf").read_bytes(), (self.folder / "cut.gguf").read_bytes())
        self.assertFalse((self.folder / "whole.gguf.work").exists())

    def test_synthetic_and_unknown_models(self):
        self.assert_refused(self.run_landauer("compress", "-m", "s.gguf", "-o", "o.gguf", "--remove", "20%", *FEW), 2,
                            "synthetic", "--allow-synthetic")
        (self.folder / "no.gguf").write_text("not a model")
        self.assert_refused(self.run_landauer("compress", "-m", "no.gguf", "-o", "o.gguf", "--remove", "20%"), 2)


class Profiles(SmallModel):
    def test_every_matrix_has_its_loss_and_the_ranks_it_would_keep(self):
        said, _ = self.said("--profile", "--work", "w", "--report", "profile.html")
        self.assertEqual(sorted(path.name for path in self.folder.glob("*.gguf")), ["s.gguf"])
        self.assertEqual(len(said["layers"]), 4)
        for layer in said["layers"]:
            loss = layer["neurons"]["loss_nats"]
            self.assertEqual(loss[0], 0.0)
            self.assertTrue(all(a <= b + 1e-12 for a, b in zip(loss, loss[1:])))
            self.assertEqual(sorted(layer["matrices"]), ["attn_k", "attn_output", "attn_q", "attn_v", "ffn_down",
                                                         "ffn_gate", "ffn_up"])
            for matrix in layer["matrices"].values():
                self.assertGreater(matrix["loss_nats"], 0.0)
                self.assertLess(matrix["probed_rank"], matrix["full_rank"])
        shares = [plan["removed"] for plan in said["plans"]]
        self.assertEqual([round(share, 1) for share in shares], [0.1, 0.2, 0.3, 0.4])
        losses = [plan["predicted_loss_nats"] for plan in said["plans"]]
        self.assertEqual(losses, sorted(losses))
        self.assertTrue(all(plan["layers"] for plan in said["plans"]))
        page = (self.folder / "profile.html").read_text()
        self.assertEqual(page.count('class="plan"'), 4)
        self.assertEqual(page.count("<td style=\"--at:"), 4 * 9)

        with self.subTest("at the share that is asked for, as text"):
            done = self.compress("--profile", "--remove", "15%", "--work", "w")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("statistics: ", done.stderr)
            self.assertEqual(" ".join(done.stdout.split()).count("of the blocks' parameters go"), 1)
            self.assertIn("three quarters of its storage", done.stdout)

        with self.subTest("ranks that cannot be had"):
            self.assertEqual(self.compress("--profile", "--remove", "100%", "--work", "w").returncode, 2)

    def test_statistics_of_stock_shapes_show_neurons_and_heads_and_say_why(self):
        self.said("-o", "a.gguf", "--remove", "10%", "--work", "w", "--no-verdict")
        statistics = next((self.folder / "w").glob("statistics-*.gguf"))
        done = self.compress("--profile", "--statistics", statistics)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ranks are not known", done.stderr)
        self.assertIn("head groups", done.stdout)
        self.assertNotIn("storage", done.stdout)


class Judged(SmallModel):
    def test_one_page_of_compression_and_verdict(self):
        said, talk = self.said("-o", "a.gguf", "--remove", "30%", "--report", "page.html", "--meter",
                               "estimate:idle=3,load=6", "--verdict", "1", "--contention-limit", "100000")
        self.assertIn("Report: ", talk)
        contenders = said["verdict"]["contenders"]
        self.assertEqual([one["name"] for one in contenders][:2], ["s", "a"])
        self.assertTrue(any("1 of the ladder's prompts" in note for note in said["verdict"]["notes"]))
        if said["making_wh"] is not None:  # a busy machine may hide what so small a model takes
            self.assertTrue(said["making_wh_estimated"])
            self.assertEqual(contenders[1]["making_wh"], said["making_wh"]["value"])
        self.assertEqual(said["payback"][0]["unit"], "CPU s")
        self.assertEqual(said["payback"][0]["spent"], said["cpu_s"])
        page = (self.folder / "page.html").read_text()
        self.assertEqual(page.count('<article id="compression">'), 1)
        self.assertLess(page.index('id="compression"'), page.index('id="pair-0"'))
        self.assertIn("Compressing took", page)

    def test_the_control_is_quantised_under_the_same_statistics(self):
        said, _ = self.said("-o", "a.gguf", "--remove", "20%", "--type", "Q8_0", "--verdict", "1", "--contention-limit",
                            "100000", "--work", "w")
        names = [one["name"] for one in said["verdict"]["contenders"]]
        self.assertTrue(names[-1].startswith("control-Q"), names)
        self.assertTrue(any("error feedback" in note for note in said["verdict"]["notes"]), said["verdict"]["notes"])
        control = next((self.folder / "w").glob("control-*.gguf"))
        self.assertLess(abs(control.stat().st_size / said["out_bytes"] - 1.0), 0.1)

    def test_a_page_without_the_verdict(self):
        done = self.compress("-o", "a.gguf", "--remove", "30%", "--report", "page.html", "--no-verdict")
        self.assertEqual(done.returncode, 0, done.stderr)
        page = (self.folder / "page.html").read_text()
        self.assertIn('id="compression"', page)
        self.assertNotIn('id="pair-0"', page)
        self.assertNotIn("Compressing took", done.stdout)
        self.assertIsNone(re.search(r"(src|href)=\"http", page))


@unittest.skipUnless(MODEL, "LANDAUER_TEST_MODEL is not set")
class RealModel(ProgramTest):
    def test_a_smaller_model_runs_and_is_what_was_said(self):
        plan = self.run_landauer("compress", "-m", MODEL, "--dry-run", "--json")
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertEqual(json.loads(plan.stdout)["block_parameters"], 106168320)
        self.assertEqual(sorted(path.name for path in self.folder.glob("*")), ["tiny.fake.json"])

        small, text = self.folder / "small.gguf", self.folder / "text.txt"
        text.write_text(TEXT)
        done = self.run_landauer("compress", "-m", MODEL, "-o", small, "--remove", "10%", "--text", text, "--json",
                                 "--no-verdict", *FEW, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertGreater(said["removed"], 0.0999)
        self.assertLess(said["removed"], 0.11)
        self.assertEqual(said["out_bytes"], small.stat().st_size)
        self.assertLess(said["out_bytes"], said["source_bytes"])
        self.assertEqual(len(said["layers"]), 30)
        self.assertFalse(pathlib.Path(f"{small}.work").exists())

        ran = self.run_landauer("bench", "-m", small, "--protocol", "grid", "-p", "16", "-n", "4", "-r", "1", "--idle", "0",
                                "--idle-cap", "0", "--cooldown", "0", "-o", "json", "--store", self.store, timeout=300)
        self.assertEqual(ran.returncode, 0, ran.stderr)


class Refused(ProgramTest):
    def test_what_cannot_be_done_is_said_before_any_work(self):
        model = MODEL or self.model
        out = self.folder / "o.gguf"
        for words, said in ((["-o", out], "How small"),
                            (["-o", out, "--remove", "20%", "--target-bytes", "80M"], "Two sizes"),
                            (["--remove", "20%"], "No file to write"),
                            (["-o", model, "--remove", "20%"], "onto itself"),
                            (["-o", out, "--remove", "20%", "--meter", "estimate:idle=x"], "idle")):
            self.assert_refused(self.run_landauer("compress", "-m", model, *words), 2, said)
        done = self.run_landauer("compress", "-m", model, "-o", out, "--remove", "20%", "--verdict", "long")
        self.assertEqual(done.returncode, 2, done.stderr)

    @unittest.skipUnless(MODEL, "LANDAUER_TEST_MODEL is not set")
    def test_bad_input_names_itself_and_a_remedy(self):
        out = self.folder / "o.gguf"
        empty, binary, tiny = (self.folder / name for name in ("empty.txt", "binary.txt", "tiny.txt"))
        empty.write_text(" \n")
        binary.write_bytes(b"abc\0def" * 100)
        tiny.write_text("x")
        base = ["compress", "-m", MODEL, "-o", out, "--no-verdict", *FEW]
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


if __name__ == "__main__":
    unittest.main()
