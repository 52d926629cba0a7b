"""One picture at many sizes, from outside: ladders, clamps, and what is refused before anything runs."""
import json
import unittest

from program import ProgramTest
from tiny_gguf import qwen2vl_projector

PNG_1X1 = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082")


class Images(ProgramTest):
    def setUp(self):
        super().setUp()
        self.sees = self.fake_model("sees", image_px_per_token=784, image_encode_s_per_token=1e-5,
                                    image_prefill_s_per_token=1e-6)

    def test_a_ladder_round_the_knee_of_each_clamp(self):
        done = self.bench("--mmproj", "x", "--image-max-tokens", "64,32", "--n-resolutions", "9", model=self.sees)
        self.assertEqual(done.returncode, 0, done.stderr)
        first, second = self.trials("1"), self.trials("2")
        self.assertEqual(len({trial["prompt_id"] for trial in first}), 9)
        self.assertEqual({trial["prompt_id"] for trial in first}, {trial["prompt_id"] for trial in second})

    def test_it_resumes(self):
        words = ("--mmproj", "x", "--resolutions", "320x180,640x360")
        self.assertEqual(self.bench(*words, model=self.sees).returncode, 0)
        again = self.bench(*words, model=self.sees)
        self.assertIn("Nothing left to run: all 2 trials", again.stderr)

    def test_laws_and_cards_of_pictures(self):
        done = self.bench("--mmproj", "x", "--image-max-tokens", "64", "--n-resolutions", "12", model=self.sees)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_landauer("laws", "--store", self.store, "--cards", "cards")
        self.assertEqual(done.returncode, 0, done.stderr)
        cards = {path.name for path in (self.folder / "cards").iterdir()}
        self.assertIn("run1.encode_s.law.json", cards)
        self.assertIn("run1.encode_s.nominal_px.law.json", cards)

    def test_predict_combines_image_and_text_laws(self):
        sees = self.fake_model("both", image_px_per_token=784, image_encode_s_per_token=1e-4,
                               image_prefill_s_per_token=1e-5, prefill_s_per_token=1e-5, decode_s_per_token=1e-4)
        for words in (("--mmproj", "x", "--image-max-tokens", "200", "--n-resolutions", "12"), ()):
            self.assertEqual(self.bench(*words, model=sees).returncode, 0)
        self.assertEqual(self.run_landauer("laws", "1", "2", "--store", self.store, "--cards", "cards").returncode, 0)
        mmproj = qwen2vl_projector(self.folder / "mmproj.gguf")

        def told(*words):
            done = self.run_landauer("predict", "--mmproj", mmproj, "--image-size", "280x280", "--cards", "cards",
                                     "-o", "json", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            return {cost["y"]: cost for cost in json.loads(done.stdout)["images"][0]["costs"]}

        alone, asked = told()["seconds"], told("-p", "1000", "-n", "2")["seconds"]
        # 100 image tokens: 10 ms of encoding, 1 ms of prefill, some ms of text and answer.
        self.assertGreater(alone["value"], 0.011)
        self.assertLess(alone["low"], alone["value"])
        # About 980 text tokens more than the question had: 9.8 ms.
        self.assertGreater(asked["value"] - alone["value"], 0.005)
        self.assertLess(asked["value"] - alone["value"], 0.02)
        self.assertIn("run2.seconds.law.json", asked["card"])

    def test_a_users_picture(self):
        picture = self.folder / "dot.png"
        picture.write_bytes(PNG_1X1)
        done = self.bench("--image", picture, "--resolutions", "64x64,128x128", model=self.sees)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_scene_as_a_file_with_its_truth(self):
        done = self.run_landauer("synth", "traffic-scene", "--size", "320x180", "-o", "s.png", "--truth", "s.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "s.png").read_bytes().startswith(b"\x89PNG"))
        self.assertTrue(json.loads((self.folder / "s.json").read_text())["objects"])
        self.assert_refused(self.run_landauer("synth", "traffic-scene", "-o", "s.png"), 2, "--force")
        self.assert_refused(self.run_landauer("synth", "traffic-scene", "-o", "s.tiff"), 2, ".png")
        self.assert_refused(self.run_landauer("synth", "traffic-scene"), 2, "-o")

    def test_refusals(self):
        text = self.folder / "note.png"
        text.write_text("no picture")
        for words, said in ((("--image", text), ("note.png",)),
                            (("--image", "gone.png"), ("gone.png", "does not exist")),
                            (("--mmproj", "x", "--resolutions", "0x5"), ("0x5",)),
                            (("--mmproj", "x", "--resolutions", "64x64,64x64"), ("64x64",)),
                            (("--mmproj", "x", "--protocol", "grid"), ("grid",)),
                            (("--mmproj", "x", "--n-resolutions", "2"), ())):
            with self.subTest(words=words):
                self.assert_refused(self.bench(*words, model=self.sees), 2, *said)

    def test_a_model_that_sees_nothing(self):
        self.assert_refused(self.bench("--mmproj", "x"), 2, "sees no images")


if __name__ == "__main__":
    unittest.main()
