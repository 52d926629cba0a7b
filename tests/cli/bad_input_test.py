"""Bad input gets one clear sentence, a remedy and exit code 2; nothing measured is lost."""
import pathlib
import unittest

from program import ProgramTest


class Usage(ProgramTest):
    def test_unknown_flag(self):
        self.assert_refused(self.bench("--nonsense"), 2, "--nonsense")

    def test_no_command(self):
        self.assert_refused(self.run_landauer(), 2)

    def test_unknown_command(self):
        self.assert_refused(self.run_landauer("bunch"), 2)

    def test_no_model(self):
        self.assert_refused(self.run_landauer("bench"), 2, "-m")

    def test_list_syntax(self):
        self.assert_refused(self.bench("--protocol", "grid", "-p", "12x"), 2, "12x")

    def test_pair_syntax(self):
        self.assert_refused(self.bench("--protocol", "grid", "-pg", "12"), 2, "512,128")

    def test_zero_repetitions(self):
        self.assert_refused(self.bench("-r", "0"), 2, "repetitions")

    def test_unknown_protocol(self):
        self.assert_refused(self.bench("--protocol", "fast"), 2, "quick, paper, grid")

    def test_unknown_format(self):
        self.assert_refused(self.bench("-o", "xml"), 2, "jsonl")

    def test_grid_flags_without_grid(self):
        self.assert_refused(self.bench("-p", "512"), 2, "grid")

    def test_rate_out_of_range(self):
        self.assert_refused(self.bench("--rate", "100"), 2, "50 Hz")

    def test_negative_idle(self):
        self.assert_refused(self.bench("--idle", "-1"), 2, "--idle")

    def test_zero_threads(self):
        self.assert_refused(self.bench("-t", "0"), 2, "-t")

    def test_unknown_repository(self):
        self.assert_refused(self.run_landauer("bench", "-hf", "org/none", env={"HOME": str(self.folder)}), 1, "org/none")


class ModelFiles(ProgramTest):
    def refused(self, name, content, *words):
        path = self.folder / name
        if content is not None:
            path.write_bytes(content)
        self.assert_refused(self.bench(model=path), 2, name, *words)

    def test_missing(self):
        self.refused("missing.gguf", None)

    def test_empty(self):
        self.refused("empty.gguf", b"", "empty")

    def test_not_gguf(self):
        self.refused("page.gguf", b"<!DOCTYPE html><html>404</html>")

    def test_truncated_header(self):
        self.refused("cut.gguf", b"GGUF\x03\x00\x00\x00\xff\xff")

    def test_absurd_counts(self):
        self.refused("absurd.gguf", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64)

    def test_a_folder(self):
        (self.folder / "folder.gguf").mkdir()
        self.assert_refused(self.bench(model=self.folder / "folder.gguf"), 2, "folder.gguf")

    def test_fake_model_with_unknown_key(self):
        path = self.folder / "odd.fake.json"
        path.write_text('{"lod_s": 1}')
        self.assert_refused(self.bench(model=path), 2, "lod_s")


class Prompts(ProgramTest):
    def refused(self, content, *words):
        path = self.folder / "p.jsonl"
        path.write_bytes(content)
        self.assert_refused(self.bench("--prompts", path), 2, *words)

    def test_empty(self):
        self.refused(b"", "no prompts")

    def test_not_utf8(self):
        self.refused(b'{"id":"a","text":"\xff"}', "UTF-8")

    def test_duplicate_ids(self):
        self.refused(b'{"id":"a","text":"x"}\n{"id":"a","text":"y"}\n', '"a"')

    def test_missing_file(self):
        self.assert_refused(self.bench("--prompts", "none.jsonl"), 2, "none.jsonl")

    def test_context_too_small(self):
        self.assert_refused(self.bench("-c", "256"), 2, "256", "Prompt P19")


class Stores(ProgramTest):
    def test_not_a_store(self):
        self.store.write_text("this is no database, and never was one" * 100)
        self.assert_refused(self.bench(), 2, "s.db")

    def test_folder_does_not_exist(self):
        done = self.bench(store=pathlib.Path("none/s.db"))
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("none/s.db", done.stderr)

    def test_report_without_store(self):
        done = self.run_landauer("report", "--store", "none.db")
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("none.db", done.stderr)
        self.assertFalse((self.folder / "none.db").exists(), "asking for a report creates no store")

    def test_unknown_run(self):
        self.assertEqual(self.bench().returncode, 0)
        self.assert_refused(self.run_landauer("report", "77", "--store", self.store), 2, "77")


if __name__ == "__main__":
    unittest.main()
