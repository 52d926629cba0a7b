"""landauer compress on models of random weights: what may go, in which types, and a model that sees."""
import json
import unittest

from program import ProgramTest

FEW = ["--windows", "2", "--gradient-windows", "1", "--window-tokens", "32", "-t", "2", "--no-verdict", "--allow-synthetic",
       "--json", "--force"]


class RandomWeights(ProgramTest):
    def synth(self, shape, *words):
        made = self.run_landauer("synth", shape, "-o", "m.gguf", "--type", "F16", *words)
        self.assertEqual(made.returncode, 0, made.stderr)

    def compress(self, *words):
        (self.folder / "t.txt").write_text("The bridge should be painted before the winter comes. " * 40)
        return self.run_landauer("compress", "-m", "m.gguf", "-o", "o.gguf", "--work", "stages", "--text", "t.txt",
                                 "--no-self", *words, *FEW, timeout=300)

    def made(self, *words):
        done = self.compress(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def bench(self, *words):
        ran = self.run_landauer("bench", "-m", "o.gguf", "--protocol", "grid", "-p", "8", "-n", "2", "-r", "1", "--idle",
                                "0", "--idle-cap", "0", "--cooldown", "0", "-o", "json", "--store", self.store, *words,
                                timeout=300)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_types_and_ways(self):
        self.synth("tiny-llama")
        whole = self.made("--remove", "30%")
        self.bench()
        with self.subTest("one type for all layers, by error feedback"):
            typed = self.made("--remove", "30%", "--type", "Q8_0")
            self.assertLess(typed["out_bytes"], 0.9 * whole["out_bytes"])
            self.assertAlmostEqual(typed["removed"], whole["removed"], places=2)
            self.bench()
        with self.subTest("one type for all layers, by libllama"):
            typed = self.made("--remove", "30%", "--type", "Q4_K_M")
            self.assertLess(typed["out_bytes"], 0.8 * whole["out_bytes"])
            self.assertFalse((self.folder / "stages/narrow.gguf").exists())
            self.bench()
        with self.subTest("a size that a smaller type alone meets"):
            target = int(0.9 * whole["source_bytes"])
            sized = self.made("--target-bytes", target, "--types", "Q8_0,Q4_0")
            self.assertLessEqual(sized["out_bytes"], target + 5000)
            self.assertLess(sized["removed"], 0.01, "fewer bits take no parameters away")
            self.assertIn("q8_0", {layer["ffn_type"] for layer in sized["layers"]} |
                          {layer["attention_type"] for layer in sized["layers"]})
            self.bench()
        with self.subTest("whole layers"):
            fewer = self.made("--remove", "40%", "--ways", "layers")
            widths = [layer["n_ff"] for layer in fewer["layers"]]
            self.assertEqual(set(widths), {0, widths[0]}, "each is whole or gone")
            self.assertGreater(widths[0], 0)
            self.bench()

    def test_what_makes_no_sense_is_said(self):
        self.synth("tiny-llama")
        self.assert_refused(self.compress("--remove", "20%", "--ways", "wings"), 2, "wings", "neurons")
        self.assert_refused(self.compress("--remove", "20%", "--ways", ""), 2, "Nothing", "--ways")
        self.assert_refused(self.compress("--remove", "20%", "--types", "Q4_0"), 2, "--types", "--target-bytes")
        self.assert_refused(self.compress("--target-bytes", "1M", "--types", "Q3_K_M"), 2, "Q3_K_M", "Q4_0")
        self.assert_refused(self.compress("--remove", "20%", "--type", "Q17"), 2, "Q17", "Q4_0")
        self.assert_refused(self.compress("--target-bytes", "1M", "--type", "Q4_K_M"), 2, "Q4_K_M", "--remove")

    def test_a_smaller_model_still_sees(self):
        self.synth("tiny-qwen2-vl", "--mmproj-out", "p.gguf")
        said = self.made("--remove", "20%")
        self.assertEqual(len({layer["n_ff"] for layer in said["layers"]}), 1, "its family has one width")
        scene = self.run_landauer("synth", "traffic-scene", "--size", "320x180", "-o", "s.png")
        self.assertEqual(scene.returncode, 0, scene.stderr)
        seen = self.run_landauer("bench", "-m", "o.gguf", "--mmproj", "p.gguf", "--image", "s.png", "--resolutions", "64x36,128x72", "-r",
                                 "1", "--idle", "0", "--idle-cap", "0", "--cooldown", "0", "-n", "2", "-o", "json",
                                 "--store", self.store, timeout=300)
        self.assertEqual(seen.returncode, 0, seen.stderr)


if __name__ == "__main__":
    unittest.main()
