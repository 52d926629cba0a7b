"""landauer synth from outside: tiny shapes made and measured, and what it refuses."""
import signal
import subprocess
import time
import unittest

from program import LANDAUER, ProgramTest


class Synth(ProgramTest):
    def synth(self, *words, **options):
        return self.run_landauer("synth", *words, **options)

    def test_a_tiny_model_is_made_and_measured(self):
        made = self.synth("tiny-llama", "-o", "m.gguf")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(made.stdout, "")
        self.assertIn("synthetic weights", made.stderr)
        self.assertNotIn("\x1b", made.stderr)
        measured = self.bench("--protocol", "grid", "-p", "8", "-r", "1", model=self.folder / "m.gguf")
        self.assertEqual(measured.returncode, 0, measured.stderr)
        self.assertIn("synthetic weights", measured.stdout + measured.stderr)
        listed = self.run_landauer("report", "--store", self.store, "--format", "json").stdout
        self.assertIn("synthetic weights", listed)

    def test_a_model_that_sees_has_two_files(self):
        made = self.synth("tiny-qwen2-vl", "-o", "m.gguf", "--mmproj-out", "v.gguf")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertTrue((self.folder / "v.gguf").read_bytes().startswith(b"GGUF"))
        alone = self.synth("tiny-qwen2-vl", "-o", "alone.gguf")
        self.assertEqual(alone.returncode, 0, alone.stderr)
        self.assertIn("--mmproj-out", alone.stderr)
        self.assertEqual((self.folder / "alone.gguf").read_bytes(), (self.folder / "m.gguf").read_bytes())

    def test_the_seed_decides_the_bytes(self):
        for name, seed in (("a", 5), ("b", 5), ("c", 6)):
            self.assertEqual(self.synth("tiny-qwen2", "-o", name, "--seed", seed).returncode, 0)
        a, b, c = ((self.folder / name).read_bytes() for name in "abc")
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_list_and_dry_run_write_nothing(self):
        before = set(self.folder.iterdir())
        listed = self.synth("--list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        for shape in ("llama-3.1-8b", "qwen2-vl-1.1b-like", "tiny-smolvlm"):
            self.assertIn(shape, listed.stdout)
        shown = self.synth("llama-3.1-8b", "--dry-run")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("292 tensors", shown.stdout)
        self.assertIn("blk.31.ffn_down.weight", shown.stdout)
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_another_models_tokenizer_is_taken(self):
        self.assertEqual(self.synth("tiny-smolvlm", "-o", "m.gguf").returncode, 0)
        made = self.synth("tiny-llama", "-o", "n.gguf", "--tokenizer", "m.gguf")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("Tokenizer: m.gguf", made.stderr)

    def test_without_the_published_vocabulary_bytes_are_taken_and_said(self):
        made = self.synth("smollm2-135m", "-o", "m.gguf", "--type", "Q4_0")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("single bytes", made.stderr)

    def test_what_is_there_stays_without_force(self):
        (self.folder / "m.gguf").write_text("precious")
        self.assert_refused(self.synth("tiny-llama", "-o", "m.gguf"), 2, "exists already", "--force")
        self.assertEqual((self.folder / "m.gguf").read_text(), "precious")
        self.assertEqual(self.synth("tiny-llama", "-o", "m.gguf", "--force").returncode, 0)
        self.assertTrue((self.folder / "m.gguf").read_bytes().startswith(b"GGUF"))

    def test_bad_words_are_refused_before_anything_is_written(self):
        before = set(self.folder.iterdir())
        self.assert_refused(self.synth("tiny-lama", "-o", "m"), 2, "tiny-lama", "tiny-llama")
        self.assert_refused(self.synth("-o", "m"), 2, "--list")
        self.assert_refused(self.synth("tiny-llama"), 2, "-o tiny-llama.gguf")
        self.assert_refused(self.synth("tiny-llama", "-o", "m", "--type", "Q4_K_XL"), 2, "Q4_K_XL", "Q4_K_M")
        self.assert_refused(self.synth("tiny-llama", "-o", "m", "--mmproj-out", "v"), 2, "no vision tower")
        self.assert_refused(self.synth("tiny-smolvlm", "-o", "m", "--mmproj-out", "./m"), 2, "one file")
        self.assert_refused(self.synth("tiny-llama", "-o", "no/m"), 2, "does not exist", "mkdir")
        self.assert_refused(self.synth("tiny-llama", "-o", "."), 2, "folder")
        self.assert_refused(self.synth("tiny-llama", "-o", "m", "--tokenizer", "none.gguf"), 2, "none.gguf")
        self.assert_refused(self.synth("tiny-llama", "-o", "m", "--tokenizer", self.model), 2, "not a GGUF")
        self.assert_refused(self.synth("tiny-llama", "-o", "m", "--seed", "many"), 2, "--seed")
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_an_interrupted_one_leaves_nothing(self):
        work = subprocess.Popen([LANDAUER, "synth", "llama-3.1-8b", "--type", "F32", "-o", "m.gguf"], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        part = self.folder / "m.gguf.part"
        for _ in range(600):
            if part.exists() or work.poll() is not None:
                break
            time.sleep(0.02)
        work.send_signal(signal.SIGINT)
        _, said = work.communicate(timeout=60)
        if "MB are free" in said:
            self.skipTest("the disk is too small")
        self.assertEqual(work.returncode, 130, said)
        self.assertIn("interrupted", said)
        self.assertFalse(part.exists())
        self.assertFalse((self.folder / "m.gguf").exists())

    def test_a_full_disk_is_said_before_writing(self):
        mount = self.folder / "small"
        mount.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(mount)], capture_output=True)
        if done.returncode != 0:
            self.skipTest("may not mount")
        try:
            self.assert_refused(self.synth("tiny-llama", "-o", mount / "m.gguf"), 1, "needs 2.0 MB", "0.5 MB are free")
            self.assertEqual(list(mount.iterdir()), [])
        finally:
            subprocess.run(["umount", str(mount)], check=True)


if __name__ == "__main__":
    unittest.main()
