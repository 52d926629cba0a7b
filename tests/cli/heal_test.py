"""landauer heal from outside: nearer to the base at the same bytes, judged, resumed after any kill, refused."""
import json
import pathlib
import random
import resource
import signal
import subprocess
import time
import unittest

from program import LANDAUER, MODEL, ProgramTest

TEXT = "Energy is what a prompt costs, and the bridge should be painted before the winter comes. " * 80
FEW = ["--window-tokens", "32", "--no-self", "--allow-synthetic"]


class Patient(ProgramTest):
    """Random weights as floats, and the same ones rounded to four bits."""

    def setUp(self):
        super().setUp()
        for name, kind in (("base", "F16"), ("small", "Q4_0")):
            made = self.run_landauer("synth", "tiny-llama", "-o", f"{name}.gguf", "--type", kind)
            self.assertEqual(made.returncode, 0, made.stderr)
        (self.folder / "text.txt").write_text(TEXT)

    def words(self, *words, out="healed.gguf", tokens=768):
        return ["heal", "-m", "small.gguf", "--base", "base.gguf", "-o", out, "--text", "text.txt", "--tokens", tokens, *FEW,
                *words]

    def heal(self, *words, **options):
        return self.run_landauer(*self.words(*words), **options)


class Heals(Patient):
    def test_nearer_to_the_base_at_the_same_bytes(self):
        done = self.heal("--no-verdict", "--json", "--report", "page.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertLess(said["held_out_nats_after"], said["held_out_nats_before"])
        self.assertEqual(said["matrices_trained"], said["matrices"])
        self.assertEqual(said["tokens"], 768)
        self.assertEqual([point["step"] for point in said["curve"]][-1], 12)
        small, healed = self.folder / "small.gguf", self.folder / "healed.gguf"
        self.assertEqual(said["out_bytes"], healed.stat().st_size)
        # Provenance alone is added.
        self.assertLess(abs(healed.stat().st_size - small.stat().st_size), 2048)
        self.assertFalse((self.folder / "healed.gguf.work").exists())
        page = (self.folder / "page.html").read_text()
        self.assertIn('id="healing"', page)
        self.assertIn("learning-curve-plot", page)
        self.assertNotIn('id="pair-0"', page)
        self.assertNotIn('href="http', page)

        with self.subTest("again it is the same file"):
            again = self.run_landauer(*self.words("--no-verdict", "-t", "1", out="again.gguf"))
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual((self.folder / "again.gguf").read_bytes(), healed.read_bytes())
            self.assertIn("held-out tokens", again.stdout)

        with self.subTest("stages of other settings are not taken for its own"):
            # As many windows, of which others are held out.
            first = self.words("--no-verdict", "--held-out", "2", "--work", "w", out="first.gguf", tokens=832)
            for words in (first, self.words("--no-verdict", "--work", "w", out="second.gguf")):
                done = self.run_landauer(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((self.folder / "second.gguf").read_bytes(), healed.read_bytes())

        with self.subTest("what runs is what was said"):
            ran = self.run_landauer("bench", "-m", healed, "--protocol", "grid", "-p", "16", "-n", "4", "-r", "1", "--idle",
                                    "0", "--idle-cap", "0", "--cooldown", "0", "-o", "json", "--store", self.store)
            self.assertEqual(ran.returncode, 0, ran.stderr)

        with self.subTest("not onto what is there"):
            self.assert_refused(self.heal("--no-verdict"), 2, "there already", "--force")

    def test_a_verdict_on_base_healed_and_unhealed(self):
        done = self.heal("--json", "--verdict", "1", "--contention-limit", "100000", "--report", "page.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [one["name"] for one in json.loads(done.stdout)["verdict"]["contenders"]]
        self.assertEqual(names, ["base", "healed", "small"])
        page = (self.folder / "page.html").read_text()
        self.assertLess(page.index('id="healing"'), page.index('id="pair-0"'))

    def test_killed_at_any_moment_it_goes_on_to_the_same_file(self):
        whole = self.run_landauer(*self.words("--no-verdict", out="whole.gguf"))
        self.assertEqual(whole.returncode, 0, whole.stderr)
        moments = random.Random(1)
        cut = self.words("--no-verdict", "--work", "cut", "--force", out="cut.gguf")
        for _ in range(20):
            child = subprocess.Popen([LANDAUER, *map(str, cut)], cwd=self.folder, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            time.sleep(moments.uniform(0.02, 0.6))
            child.send_signal(signal.SIGKILL)
            child.wait()
        last = self.run_landauer(*cut)
        self.assertEqual(last.returncode, 0, last.stderr)
        self.assertEqual((self.folder / "whole.gguf").read_bytes(), (self.folder / "cut.gguf").read_bytes())

    def test_after_a_compression(self):
        done = self.run_landauer("compress", "-m", "base.gguf", "-o", "c.gguf", "--quantise", "Q4_0", "--text", "text.txt",
                                 "--no-self", "--allow-synthetic", "--windows", "4", "--window-tokens", "48", "--heal", "20s",
                                 "--no-verdict", "--json", "--report", "page.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        healing = json.loads(done.stdout).get("healing")
        if healing is None:  # a quantiser that makes up for its errors may leave nothing to heal in noise
            self.assertIn("It stays as it is", done.stderr)
        else:
            self.assertLess(healing["held_out_nats_after"], healing["held_out_nats_before"])

    def test_factors_stay_factors(self):
        few = ["--text", "text.txt", "--no-self", "--allow-synthetic", "--windows", "4", "--window-tokens", "48",
               "--no-verdict", "--json"]
        made = ["compress", "-m", "base.gguf", "--format", "factors", "--remove", "30%", *few]
        done = self.run_landauer(*made, "-o", "f.gguf", timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)

        with self.subTest("the same tensors, nearer to the base"):
            done = self.run_landauer("heal", "-m", "f.gguf", "--base", "base.gguf", "-o", "h.gguf", "--text", "text.txt",
                                     "--tokens", "768", *FEW, "--no-verdict", "--json", "--report", "page.html")
            self.assertEqual(done.returncode, 0, done.stderr)
            said = json.loads(done.stdout)
            self.assertLess(said["held_out_nats_after"], said["held_out_nats_before"])
            self.assertEqual(said["matrices"], 28)
            moved = [movement["tensor"] for movement in said["movements"] if movement["moved"] > 0.0]
            firsts = [name for name in moved if name.endswith("factor_r")]
            self.assertTrue(firsts, moved)
            for name in firsts:
                self.assertIn(name.replace("factor_r", "factor_t"), moved)
            small, healed = (self.folder / f"{name}.gguf" for name in ("f", "h"))
            self.assertLess(abs(small.stat().st_size - healed.stat().st_size), 2048, "provenance alone is added")
            ran = self.run_landauer("bench", "-m", healed, "--protocol", "grid", "-p", "16", "-n", "4", "-r", "1", "--idle",
                                    "0", "--idle-cap", "0", "--cooldown", "0", "-o", "json", "--store", self.store)
            self.assertEqual(ran.returncode, 0, ran.stderr)

        with self.subTest("compress does so by itself"):
            done = self.run_landauer(*made, "-o", "c.gguf", "--heal", "30s", timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            floats = json.loads(done.stdout)["healing_floats"]
            self.assertLess(floats["held_out_nats_after"], 0.9 * floats["held_out_nats_before"])
            self.assertEqual(floats["matrices_trained"], floats["matrices"], "scales of those that stay whole, too")
            self.assertLess(abs(small.stat().st_size - (self.folder / "c.gguf").stat().st_size), 2048)
            self.assertFalse((self.folder / "c.gguf.work").exists(), "no stage is left")

    def test_floats_of_a_narrower_model(self):
        few = ["--text", "text.txt", "--no-self", "--allow-synthetic", "--windows", "4", "--gradient-windows", "1",
               "--window-tokens", "48", "--no-verdict", "--json"]
        narrow = self.run_landauer("compress", "-m", "base.gguf", "-o", "narrow.gguf", "--remove", "60%", *few)
        self.assertEqual(narrow.returncode, 0, narrow.stderr)
        words = ["heal", "-m", "narrow.gguf", "--base", "base.gguf", "--text", "text.txt", "--tokens", "768", *FEW,
                 "--no-verdict", "--json"]

        with self.subTest("all their values are trained"):
            done = self.run_landauer(*words, "--train", "weights", "-o", "h.gguf")
            self.assertEqual(done.returncode, 0, done.stderr)
            weights = json.loads(done.stdout)
            self.assertEqual(weights["matrices_trained"], weights["matrices"])
            self.assertIn("weight", {movement["kind"] for movement in weights["movements"]})
            done = self.run_landauer(*words, "-o", "g.gguf")
            self.assertEqual(done.returncode, 0, done.stderr)
            gains = json.loads(done.stdout)
            self.assertEqual(gains["matrices_trained"], 0)
            self.assertLess(weights["held_out_nats_after"], gains["held_out_nats_after"])

        with self.subTest("compress does so before it quantises"):
            made = {}
            for name, more in (("plain", []), ("healed", ["--heal", "40s", "--work", "w"])):
                done = self.run_landauer("compress", "-m", "base.gguf", "-o", f"{name}.gguf", "--remove", "60%", "--type",
                                         "Q4_0", *few, *more, timeout=300)
                self.assertEqual(done.returncode, 0, done.stderr)
                made[name] = json.loads(done.stdout)
            floats = made["healed"]["healing_floats"]
            self.assertLess(floats["held_out_nats_after"], floats["held_out_nats_before"])
            self.assertNotIn("healing_floats", made["plain"])
            plain, healed = (self.folder / f"{name}.gguf" for name in ("plain", "healed"))
            self.assertLess(abs(plain.stat().st_size - healed.stat().st_size), 2048, "the same shapes and types")
            self.assertTrue((self.folder / "w/narrow-healed.gguf").exists(), "a stage that is kept")

        with self.subTest("not before another quantiser than ours"):
            done = self.run_landauer("compress", "-m", "base.gguf", "-o", "other.gguf", "--remove", "60%", "--type", "Q3_K_M",
                                     *few, "--heal", "20s", "--report", "page.html", timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("floats are not healed before", done.stderr)
            page = (self.folder / "page.html").read_text()
            self.assertIn('id="compression"', page)
            self.assertEqual('id="healing"' in page, "It stays as it is" not in done.stderr)
            self.assertFalse((self.folder / "other.gguf.work").exists(), "no stage is left")


class Refused(Patient):
    def test_words_that_mean_nothing(self):
        for words, said in ((["--budget", "0m"], "no time"), (["--budget", "soon"], "no time"),
                            (["--rate", "0"], "rate"), (["--rate", "99"], "rate"),
                            (["--text", "missing.txt"], "missing.txt")):
            plain = [word for word in self.words("--no-verdict") if word not in ("--tokens", 768)]
            self.assert_refused(self.run_landauer(*plain, *words), 2, said)
        self.assertEqual(self.run_landauer(*self.words(tokens=0)).returncode, 2)
        self.assertFalse((self.folder / "healed.gguf").exists())

    def test_models_that_do_not_belong_together(self):
        same = ["heal", "-m", "small.gguf", "-o", "healed.gguf", "--text", "text.txt", "--tokens", "768", *FEW]
        self.assert_refused(self.run_landauer(*same, "--base", "small.gguf"), 2, "same model")
        self.assert_refused(self.run_landauer(*same, "--base", "missing.gguf"), 2, "missing.gguf")
        (self.folder / "no.gguf").write_text("not a model")
        self.assert_refused(self.run_landauer(*same, "--base", "no.gguf"), 2, "no.gguf")
        made = self.run_landauer("synth", "tiny-qwen2-vl", "-o", "other.gguf", "--type", "F16")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assert_refused(self.run_landauer(*same, "--base", "other.gguf"), 2, "vocabular")
        self.assert_refused(self.run_landauer("heal", "-m", "small.gguf", "--base", "base.gguf", "-o", "base.gguf", *FEW), 2,
                            "onto itself")
        plain = [word for word in self.words() if word != "--allow-synthetic"]
        self.assert_refused(self.run_landauer(*plain), 2, "synthetic", "--allow-synthetic")

    def test_too_little_text(self):
        (self.folder / "text.txt").write_text("A few words and no more than that, which is not enough to heal by. ")
        self.assert_refused(self.heal("--no-verdict"), 2, "text")

    def test_weights_that_are_no_numbers(self):
        data = bytearray((self.folder / "small.gguf").read_bytes())
        data[-512:] = b"\xff" * 512  # no number, be it a float or a block's half
        (self.folder / "small.gguf").write_bytes(data)
        done = self.heal("--no-verdict")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("damaged", done.stderr)
        self.assertFalse((self.folder / "healed.gguf").exists())

    def test_a_disk_that_is_full_leaves_the_old_file(self):
        out = self.folder / "healed.gguf"
        out.write_text("old")
        size = (self.folder / "small.gguf").stat().st_size
        done = self.heal("--no-verdict", "--force", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (size // 2, size // 2)))
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(out.read_text(), "old")


@unittest.skipUnless(MODEL, "LANDAUER_TEST_MODEL is not set")
class RealModel(ProgramTest):
    def test_a_rounded_model_says_more_of_what_its_base_says(self):
        small, text = self.folder / "small.gguf", self.folder / "text.txt"
        text.write_text(pathlib.Path(__file__).resolve().parents[2].joinpath("docs/laws.md").read_text())
        made = self.run_landauer("compress", "-m", MODEL, "-o", small, "--quantise", "Q3_K_M", "--method", "plain",
                                 "--no-verdict", timeout=300)
        self.assertEqual(made.returncode, 0, made.stderr)
        done = self.run_landauer("heal", "-m", small, "--base", MODEL, "-o", self.folder / "healed.gguf", "--text", text,
                                 "--no-self", "--tokens", "1024", "--window-tokens", "128", "--held-out", "2", "--json",
                                 "--no-verdict", timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertLess(said["held_out_nats_after"], 0.97 * said["held_out_nats_before"])


if __name__ == "__main__":
    unittest.main()
