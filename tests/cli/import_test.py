"""landauer import and compress -m FOLDER from outside: a tiny Hugging Face folder becomes a model that runs."""
import os
import subprocess
import unittest

from hf_folder import write_hf_folder
from program import LANDAUER, ProgramTest

QUICK = ["--protocol", "grid", "-p", "8", "-n", "2", "-r", "1", "--idle", "0", "--idle-cap", "0", "--cooldown", "0"]
FEW = ["--windows", "4", "--gradient-windows", "2", "--window-tokens", "32", "-t", "1", "--no-verdict"]


class Import(ProgramTest):
    def test_every_family_becomes_a_model_that_runs(self):
        for name in ("Llama", "Qwen2", "Qwen3"):
            with self.subTest(name):
                write_hf_folder(self.folder / name, f"{name}ForCausalLM")
                done = self.run_landauer("import", name, "-o", f"{name}.gguf")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertIn("tokenizer gpt2, qwen2", done.stderr)
                ran = self.run_landauer("bench", "-m", f"{name}.gguf", *QUICK, "--store", self.store)
                self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_a_dry_run_writes_nothing_and_force_replaces(self):
        write_hf_folder(self.folder / "m")
        dry = self.run_landauer("import", "m", "--dry-run")
        self.assertEqual(dry.returncode, 0, dry.stderr)
        self.assertEqual(list(self.folder.glob("*.gguf")), [])
        self.assertEqual(self.run_landauer("import", "m", "-o", "m.gguf").returncode, 0)
        self.assertIn(f"{(self.folder / 'm.gguf').stat().st_size} bytes", dry.stdout)
        first = (self.folder / "m.gguf").read_bytes()
        self.assert_refused(self.run_landauer("import", "m", "-o", "m.gguf"), 2, "--force")
        self.assertEqual(self.run_landauer("import", "m", "-o", "m.gguf", "--force").returncode, 0)
        self.assertEqual((self.folder / "m.gguf").read_bytes(), first)

    def test_bad_input_is_refused_with_a_remedy(self):
        write_hf_folder(self.folder / "m")
        weights = self.folder / "m" / "model.safetensors"
        self.assert_refused(self.run_landauer("import", "m"), 2, "-o model.gguf")
        self.assert_refused(self.run_landauer("import", "none", "-o", "x.gguf"), 2, "does not exist")
        self.assert_refused(self.run_landauer("import", self.folder, "-o", "x.gguf"), 2, "config.json")
        self.assert_refused(self.run_landauer("import", "m", "-o", "x.gguf", "--type", "Q2_K"), 2, "Q8_0")
        self.assert_refused(self.run_landauer("import", "m", "-o", "x.gguf", "--pre", "abacus"), 2, "llama-bpe")
        self.assert_refused(self.run_landauer("import", "m", "-o", "no/x.gguf"), 2, "mkdir")
        self.assert_refused(self.run_landauer("bench", "-m", "m", "--store", self.store), 2, "landauer import m")
        whole = weights.read_bytes()
        weights.write_bytes(whole[:-5])
        self.assert_refused(self.run_landauer("import", "m", "-o", "x.gguf"), 2, "cut short")
        weights.write_bytes(whole[:-4] + b"\x00\x00\xC0\x7F")
        done = self.run_landauer("import", "m", "-o", "x.gguf")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("mlp.down_proj.weight is nan", done.stderr)
        write_hf_folder(self.folder / "moe", "MixtralForCausalLM")
        self.assert_refused(self.run_landauer("import", "moe", "-o", "x.gguf"), 2, "MixtralForCausalLM", "Qwen3")
        write_hf_folder(self.folder / "gptq", quantization_config={"quant_method": "gptq"})
        self.assert_refused(self.run_landauer("import", "gptq", "-o", "x.gguf"), 2, "gptq")
        self.assertEqual(list(self.folder.glob("x.gguf*")), [])

    def test_a_full_disk_leaves_the_old_file(self):
        write_hf_folder(self.folder / "m")
        old = self.folder / "x.gguf"
        old.write_text("old")
        limit = ["sh", "-c", "ulimit -f 20; trap '' XFSZ; exec \"$@\"", "sh"]
        done = subprocess.run([*limit, LANDAUER, "import", "m", "-o", "x.gguf", "--force"], cwd=self.folder,
                              capture_output=True, text=True)
        self.assert_refused(done, 1, "cannot be written")
        self.assertEqual(old.read_text(), "old")
        self.assertFalse((self.folder / "x.gguf.part").exists())


class CompressAFolder(ProgramTest):
    def compress(self, *words):
        return self.run_landauer("compress", "-m", "m", *words)

    def test_the_base_is_kept_beside_the_output_and_used_again(self):
        write_hf_folder(self.folder / "m")
        text = self.folder / "text.txt"
        text.write_text("The other day they gathered there, and then the weather changed. " * 200)
        words = ["--text", text, "--no-self", "--remove", "20%", *FEW]
        done = self.compress("-o", "small.gguf", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        base = self.folder / "small.base.gguf"
        self.assertLess((self.folder / "small.gguf").stat().st_size, base.stat().st_size)
        made = base.stat().st_mtime_ns

        again = self.compress("-o", "small.gguf", "--force", *words)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("imported before", again.stderr)
        self.assertEqual(base.stat().st_mtime_ns, made)

        with self.subTest("a work folder holds it with the stages"):
            held = self.compress("-o", "other.gguf", "--work", "stages", *words)
            self.assertEqual(held.returncode, 0, held.stderr)
            self.assertEqual((self.folder / "stages" / "base.gguf").read_bytes(), base.read_bytes())
            self.assertFalse((self.folder / "other.base.gguf").exists())
            self.assertEqual((self.folder / "other.gguf").stat().st_size, (self.folder / "small.gguf").stat().st_size)

        with self.subTest("another file of that name is left alone"):
            base.write_text("mine")
            (self.folder / "small.gguf").unlink()
            self.assert_refused(self.compress("-o", "small.gguf", *words), 2, "small.base.gguf", "--force")
            self.assertEqual(base.read_text(), "mine")

    def test_a_dry_run_leaves_no_file(self):
        write_hf_folder(self.folder / "m")
        before = set(self.folder.iterdir())
        done = self.run_landauer("compress", "-m", "m", "--dry-run", env={**os.environ, "TMPDIR": str(self.folder)})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("blocks", done.stdout)
        self.assertEqual(set(self.folder.iterdir()), before)


if __name__ == "__main__":
    unittest.main()
