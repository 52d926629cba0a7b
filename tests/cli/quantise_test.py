"""landauer compress --quantise: the same shapes in another type, and what it refuses."""
import json
import unittest

from program import MODEL, ProgramTest

TEXT = "The committee met on Tuesday and decided that the bridge should be painted before the winter comes. " * 12


class Refusals(ProgramTest):
    def refused(self, *words):
        return self.run_landauer("compress", "-m", "m.gguf", "-o", "o.gguf", *words)

    def test_a_type_and_a_size(self):
        self.assert_refused(self.refused("--quantise", "Q4_0", "--remove", "20%"), 2, "at once", "--remove")

    def test_types_that_take_no_feedback(self):
        self.assert_refused(self.refused("--quantise", "Q3_K_M"), 2, "Q3_K_M", "imatrix")

    def test_unknown_methods(self):
        self.assert_refused(self.refused("--quantise", "Q4_0", "--method", "magic"), 2, "magic", "feedback")


@unittest.skipUnless(MODEL, "no test model")
class RealModel(ProgramTest):
    def quantise(self, *words):
        text = self.folder / "t.txt"
        text.write_text(TEXT)
        out = self.folder / "o.gguf"
        done = self.run_landauer("compress", "-m", MODEL, "-o", out, "--no-verdict", "--json", "--force", "--work",
                                 self.folder / "work", "--text", text, "--no-self", "--windows", 1, "--window-tokens",
                                 64, *words, timeout=500)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(said["out_bytes"], out.stat().st_size)
        return said

    def test_by_every_method(self):
        sizes = {}
        for method in ("plain", "imatrix", "feedback"):
            said = self.quantise("--quantise", "Q4_0", "--method", method)
            self.assertEqual((said["type"], said["method"]), ("Q4_0", method))
            sizes[method] = said["out_bytes"]
        self.assertLess(max(sizes.values()), 0.95 * said["source_bytes"])
        self.assertLess(max(sizes.values()), 1.005 * min(sizes.values()), sizes)


if __name__ == "__main__":
    unittest.main()
