"""landauer compress --target: what it refuses, the plan, and a model made for this machine from a few words of text."""
import json
import os
import unittest

from program import MODEL, ProgramTest

TEXT = "The committee met on Tuesday and decided that the bridge should be painted before the winter comes. " * 12


class Refusals(ProgramTest):
    def refused(self, *words):
        return self.run_landauer("compress", "-m", "m.gguf", "-o", "o.gguf", *words)

    def test_targets_that_cannot_be_read(self):
        for word in ("decode", "decode:1.5", "decode:0.5x", "watts:2x", "joules:-100%", "joules:+30%"):
            self.assert_refused(self.refused("--target", word), 2, word, "decode:1.5x")

    def test_mixes_that_cannot_be_read(self):
        for word in ("512", "0:128", "many:few"):
            self.assert_refused(self.refused("--target", "decode:1.5x", "--mix", word), 2, word, "512:128")

    def test_one_size_at_a_time(self):
        self.assert_refused(self.refused("--target", "decode:1.5x", "--remove", "20%"), 2, "Two sizes", "--target")
        self.assert_refused(self.refused("--target", "decode:1.5x", "--quantise", "Q4_0"), 2, "--target")

    def test_types_that_only_libllama_writes_have_no_measured_cost(self):
        self.assert_refused(self.refused("--target", "decode:1.5x", "--type", "Q5_K_M"), 2, "Q5_K_M", "--remove")

    def test_what_is_multiplied_out_has_no_time_to_aim_at(self):
        self.assert_refused(self.refused("--target", "decode:1.5x", "--format", "factors", "--expand"), 2, "--remove")


class Factors(ProgramTest):
    def test_ranks_neurons_and_types_by_measured_time(self):
        env = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")}
        (self.folder / "t.txt").write_text(TEXT * 4)
        self.assertEqual(self.run_landauer("synth", "tiny-llama", "--type", "F16", "-o", "m.gguf").returncode, 0)
        done = self.run_landauer("compress", "-m", "m.gguf", "-o", "f.gguf", "--format", "factors", "--types", "Q8_0",
                                 "--target", "prompt:1.15x", "--mix", "512:32", "--allow-synthetic", "--text", "t.txt",
                                 "--no-self", "--windows", 2, "--window-tokens", 256, "--no-verdict", "--json",
                                 timeout=500, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        made = json.loads(done.stdout)
        self.assertGreater(made["target"]["predicted"]["target"], 1.149)
        self.assertEqual(len(made["target"]["measured"]["target"]), 3)
        self.assertTrue(any(layer["ranks"] or layer["n_ff"] < 768 for layer in made["layers"]), made["layers"])
        kept = json.loads(next((self.folder / "cache").rglob("*.json")).read_text())
        self.assertEqual(kept["key"]["factors"], "q8_0")
        self.assertTrue(kept["chains"])


@unittest.skipUnless(MODEL, "no test model")
class OnThisMachine(ProgramTest):
    def landauer(self, *words):
        return self.run_landauer("compress", "-m", MODEL, *words, timeout=500,
                                 env={**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")})

    def test_the_plan_says_what_would_be_measured_and_measures_nothing(self):
        done = self.landauer("--dry-run", "--target", "decode:1.2x")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not measured", done.stdout)
        self.assertFalse((self.folder / "cache").exists())


if __name__ == "__main__":
    unittest.main()
