"""landauer compress --format factors: what it refuses, and a dense file of the real model from a few words of text."""
import json
import os
import subprocess
import unittest

from program import MODEL, ProgramTest

TEXT = "The committee met on Tuesday and decided that the bridge should be painted before the winter comes. " * 12


class Refusals(ProgramTest):
    def refused(self, *words):
        return self.run_landauer("compress", "-m", "m.gguf", "-o", "o.gguf", *words)

    def test_types_that_no_factor_has(self):
        for word in ("Q3_K_M", "float"):
            self.assert_refused(self.refused("--remove", "20%", "--format", "factors", "--type", word), 2, word, "Q8_0")

    def test_stock_has_nothing_to_multiply_out(self):
        self.assert_refused(self.refused("--remove", "20%", "--expand"), 2, "--format factors")

    def test_bytes_say_nothing_of_a_dense_file(self):
        self.assert_refused(self.refused("--target-bytes", "80M", "--format", "factors", "--expand"), 2, "--remove")

    def test_unknown_formats_and_types(self):
        for words in (["--format", "tensors"], ["--format", "factors", "--expand", "--expand-type", "q4_1"]):
            done = self.refused("--remove", "20%", *words)
            self.assertEqual(done.returncode, 2, done.stderr)


@unittest.skipUnless(MODEL, "no test model")
class Expanded(ProgramTest):
    def compress(self, out, *words):
        text = self.folder / "t.txt"
        text.write_text(TEXT)
        done = self.run_landauer("compress", "-m", MODEL, "-o", out, "--format", "factors", "--no-verdict",
                                 "--work", self.folder / "work", "--text", text, "--no-self", "--windows", 1,
                                 "--window-tokens", 64, *words, timeout=500)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_a_dense_file_of_the_same_architecture_or_deci(self):
        made = json.loads(self.compress("o.gguf", "--remove", "2%", "--expand", "--json").stdout)
        self.assertGreaterEqual(made["removed"], 0.02 - 1e-9)
        self.assertLess(made["removed"], 0.021)
        ranks = [rank for layer in made["layers"] for rank in layer["ranks"].values()]
        self.assertTrue(ranks)
        self.assertTrue(all(0 < rank < 576 for rank in ranks), ranks)
        self.assertEqual(made["out_bytes"], os.path.getsize(self.folder / "o.gguf"))
        self.assertTrue(made["expanded"])
        factors = json.loads(self.compress("f.gguf", "--remove", "2%", "--type", "F16", "--json").stdout)
        self.assertEqual(factors["layers"], made["layers"])
        self.assertFalse(factors["expanded"])
        self.assertAlmostEqual(self.perplexity("f.gguf") / self.perplexity("o.gguf"), 1.0, delta=2e-2)
        self.refuse_to_make_it_smaller("f.gguf")
        expanded = self.run_landauer("compress", "-m", "f.gguf", "--expand", "-o", "e.gguf")
        self.assertEqual(expanded.returncode, 0, expanded.stderr)
        self.assertAlmostEqual(self.perplexity("f.gguf") / self.perplexity("e.gguf"), 1.0, delta=2e-2)
        self.other_programs_run_it("f.gguf", "o.gguf")

    def other_programs_run_it(self, factors, dense):
        """Programs of libllama's with one changed line say the same of the factors and of their product."""
        for name, words in (("FACTORS_EXAMPLE", ["{}", "The capital of France is", "8"]),
                            ("STOCK_EXAMPLE", ["-m", "{}", "-n", "8", "The capital of France is"])):
            program = os.environ.get(name)
            if not program:
                continue
            said = [subprocess.run([program, *(word.format(file) for word in words)], cwd=self.folder, timeout=200,
                                   capture_output=True, text=True) for file in (factors, dense)]
            self.assertEqual([done.returncode for done in said], [0, 0], said[0].stderr[-800:])
            self.assertIn("Paris", said[0].stdout)
            self.assertEqual(said[0].stdout, said[1].stdout)

    def perplexity(self, model):
        done = self.run_landauer("score", "-m", model, "--text", self.folder / "t.txt", "-c", 64, "--chunks", 2,
                                 "-o", "json", timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["perplexity"]["value"]

    def refuse_to_make_it_smaller(self, model):
        done = self.run_landauer("compress", "-m", model, "-o", "again.gguf", "--remove", "2%", "--no-self", "--text",
                                 self.folder / "t.txt", "--allow-compressed")
        self.assert_refused(done, 2, "factors", "made of")


if __name__ == "__main__":
    unittest.main()
