"""landauer compress --expand of a file of factors: the product, what is kept, what is refused."""
import json
import re
import struct
import unittest

from program import ProgramTest
from tiny_gguf import F32, STR, U32, write_gguf

I32_TENSOR = 26  # ggml's number of the type
R = [[1.0, 2.0, 3.0], [-1.0, 0.5, 4.0]]
T = [[2.0, 1.0], [0.25, -3.0]]
PIVOTS = [3, 0]
W = [R[1], [2 * a + b for a, b in zip(*R)], [0.25 * a - 3 * b for a, b in zip(*R)], R[0]]


def floats(rows):
    values = [value for row in rows for value in row]
    return struct.pack(f"<{len(values)}f", *values)


class Expand(ProgramTest):
    def factors(self, name="f.gguf", version=1, pivots=PIVOTS, leave_out=(), r=R):
        keys = {"general.architecture": (STR, "llama"), "general.name": (STR, "tiny -20 %"),
                "landauer.factors.version": (U32, version), "landauer.factors.count": (U32, 1),
                "landauer.compress.source_sha256": (STR, "5eed"), "landauer.compress.removed": (F32, 0.25)}
        tensors = {"token_embd.weight": (3, 2), "blk.0.ffn_up.factor_r": (3, 2), "blk.0.ffn_up.factor_t": (2, 2),
                   "blk.0.ffn_up.factor_pivots": (2,), "output_norm.weight": (3,)}
        data = {"token_embd.weight": (0, floats([[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]])),
                "blk.0.ffn_up.factor_r": (0, floats(r)), "blk.0.ffn_up.factor_t": (0, floats(T)),
                "blk.0.ffn_up.factor_pivots": (I32_TENSOR, struct.pack("<2i", *pivots))}
        for part in leave_out:
            tensors.pop(part)
        return write_gguf(self.folder / name, keys, tensors, data)

    def expand(self, *words, model="f.gguf", out="d.gguf"):
        return self.run_landauer("compress", "-m", model, "--expand", "-o", out, *words)

    def refused(self, *words, code=2, **options):
        """Nothing is left where it says no."""
        before = sorted(self.folder.iterdir())
        self.assert_refused(self.expand(**options), code, *words)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_the_product_stands_where_the_factors_stood(self):
        self.factors()
        done = self.expand("--expand-type", "f32")
        self.assertEqual(done.returncode, 0, done.stderr)
        content = (self.folder / "d.gguf").read_bytes()
        embedding = floats([[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]])
        product = floats(W)
        self.assertIn(embedding + b"\0" * 8 + product, content)
        names = re.findall(rb"blk[a-z0-9_.]+|token_embd.weight|output_norm.weight", content)
        self.assertEqual(names, [b"token_embd.weight", b"blk.0.ffn_up.weight", b"output_norm.weight"])
        self.assertNotIn(b"landauer.factors", content)
        for kept in (b"landauer.compress.source_sha256", b"5eed", b"landauer.compress.removed", b"tiny -20 %"):
            self.assertIn(kept, content)

    def test_as_halves_unless_said_otherwise(self):
        self.factors()
        said = json.loads(self.expand("--json").stdout)
        self.assertEqual(said["type"], "f16")
        self.assertTrue(said["expanded"])
        content = (self.folder / "d.gguf").read_bytes()
        self.assertEqual(said["out_bytes"], len(content))
        self.assertIn(struct.pack("<12e", *(value for row in W for value in row)), content)
        again = self.expand("--force", "--format", "factors", "--no-verdict", "-t", "1")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("the factors multiplied out", again.stdout)
        self.assertEqual((self.folder / "d.gguf").read_bytes(), content)

    def test_a_file_that_is_there_stays(self):
        self.factors()
        (self.folder / "d.gguf").write_text("mine")
        self.assert_refused(self.expand(), 2, "d.gguf exists already", "--force")
        self.assertEqual((self.folder / "d.gguf").read_text(), "mine")
        self.assert_refused(self.expand("--force", out="f.gguf"), 2, "onto itself")
        self.assert_refused(self.run_landauer("compress", "-m", "f.gguf", "--expand"), 2, "No file to write")

    def test_options_of_compressing_have_no_place(self):
        self.factors()
        for words in (["--remove", "20%"], ["--heal", "5m"], ["--type", "Q8_0"], ["--target", "decode:1.5x"],
                      ["--report", "p.html"], ["--dry-run"], ["--profile"], ["--meter", "perf-rapl"], ["--work", "w"]):
            with self.subTest(words=words):
                self.assert_refused(self.expand(*words), 2, "f.gguf is multiplied out as it is", words[0])
        self.assertFalse((self.folder / "d.gguf").exists())

    def test_dense_files_have_nothing_to_expand(self):
        write_gguf(self.folder / "dense.gguf", {"general.architecture": (STR, "llama")}, {"token_embd.weight": (3, 2)})
        self.refused("How small", "--remove", model="dense.gguf")
        self.assert_refused(self.expand("--remove", "20%", model="dense.gguf"), 2, "--format factors")

    def test_damaged_files(self):
        self.factors(version=7)
        self.refused("factors of version 7", "Update landauer")
        self.factors(leave_out=["blk.0.ffn_up.factor_t"])
        self.refused("blk.0.ffn_up.factor_t is missing", "--format factors")
        self.factors(pivots=[3, 4])
        self.refused("row 4 as a pivot, which is none of its rows")
        self.factors(pivots=[3, 3])
        self.refused("row 3 as a pivot, which is one already")
        whole = self.factors().read_bytes()
        (self.folder / "f.gguf").write_bytes(whole[:-40])
        self.refused("cut short")
        (self.folder / "f.gguf").write_bytes(whole[:200])
        self.refused("damaged or cut short at byte")
        self.refused("does not exist", model="none.gguf")

    def test_numbers_that_are_found_on_the_way(self):
        """They end what was begun, and nothing of it stays."""
        for value, word in ((1e30, "which f16 cannot hold"), (float("nan"), "blk.0.ffn_up.factor_r of f.gguf is nan")):
            self.factors(r=[[value, 0.0, 0.0], [0.0, 0.0, 0.0]])
            done = self.expand()
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(word, done.stderr)
            self.assertEqual([path.name for path in self.folder.glob("d.gguf*")], [])


if __name__ == "__main__":
    unittest.main()
