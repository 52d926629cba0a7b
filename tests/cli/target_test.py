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

    def test_other_types_have_no_measured_cost(self):
        for words in (["--types", "Q4_0"], ["--type", "Q4_0"]):
            self.assert_refused(self.refused("--target", "decode:1.5x", *words), 2, "--target-bytes")

    def test_factors_have_no_time_to_aim_at(self):
        self.assert_refused(self.refused("--target", "decode:1.5x", "--format", "factors", "--expand"), 2, "--remove")


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
