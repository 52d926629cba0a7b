"""landauer predict from outside: what it tells of an image before anything runs, and what it refuses."""
import json
import os
import unittest

from program import ProgramTest
from tiny_gguf import language_model, qwen2vl_projector


class Predict(ProgramTest):
    def setUp(self):
        super().setUp()
        self.mmproj = qwen2vl_projector(self.folder / "mmproj.gguf")

    def predict(self, *words):
        return self.run_landauer("predict", *words)

    def told(self, *words):
        done = self.predict("--mmproj", self.mmproj, *words, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout)

    def test_tokens_sizes_and_the_knee(self):
        told = self.told("--image-size", "1920x1080,28x28")
        first, second = told["images"]
        self.assertEqual((first["n_tokens"], first["n_marker_tokens"], first["n_slices"]), (69 * 39, 2, 1))
        self.assertEqual((first["resized_width"], first["resized_height"]), (69 * 28, 39 * 28))
        self.assertEqual(first["n_patches"], 4 * first["n_tokens"])
        self.assertEqual(second["n_tokens"], 9)  # the model's least is 8; both sides are rounded up
        knee = told["knees"][1]["knee"]
        self.assertEqual((knee["width"], knee["height"], knee["n_tokens"]), (1806, 1806, 4096))
        self.assertEqual([k["aspect"] for k in told["knees"]], [1920 / 1080, 1.0])

    def test_an_image_file_by_its_header(self):
        (self.folder / "p.ppm").write_bytes(b"P6\n640 480\n255\n" + bytes(640 * 480 * 3))
        self.assertEqual(self.told("--image", self.folder / "p.ppm")["images"],
                         self.told("--image-size", "640x480")["images"])
        self.assert_refused(self.predict("--mmproj", self.mmproj, "--image", "none.png"), 2, "none.png")

    def test_the_clamps_of_the_paper_and_ones_own(self):
        told = self.told("--image-size", "4000x3000", "--image-max-tokens", "200")
        clamps = {c["clamp"]: c for c in told["clamps"]}
        self.assertEqual(clamps["1024x720"]["image_max_tokens"], 900)
        self.assertEqual(clamps["854x594"]["image_max_tokens"], 630)
        self.assertEqual(clamps["714x496"]["image_max_tokens"], 425)
        self.assertLessEqual(told["images"][0]["n_tokens"], 200)
        self.assertEqual(clamps["yours"]["n_tokens"], told["images"][0]["n_tokens"])
        self.assertAlmostEqual(clamps["yours"]["saved"], 1 - clamps["yours"]["n_tokens"] / clamps["none"]["n_tokens"])

    def test_a_clamp_said_as_a_size(self):
        self.assertEqual(self.told("--image-size", "4000x3000", "--image-max-pixels", "1024x720")["images"],
                         self.told("--image-size", "4000x3000", "--image-max-tokens", "900")["images"])

    def test_ones_own_clamp_is_not_listed_twice(self):
        told = self.told("--image-size", "4000x3000", "--image-max-tokens", "900")
        self.assertEqual([c["clamp"] for c in told["clamps"]], ["none", "1024x720, yours", "854x594", "714x496"])

    def test_100_megapixels_cost_no_more_time(self):
        told = self.told("--image-size", "12000x9000,16384x16384")
        self.assertLessEqual(told["images"][0]["n_tokens"], 4096)

    def test_table_and_markdown(self):
        done = self.predict("--mmproj", self.mmproj, "--image-size", "720p", "--advise")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1280x720", done.stdout)
        self.assertIn("--image-max-tokens 900", done.stdout)
        self.assertIn("clamp binds from", done.stdout)
        self.assertIn("--cards DIR", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100, done.stdout)
        self.assertIn("| ---: |", self.predict("--mmproj", self.mmproj, "--image-size", "720p", "-o", "md").stdout)

    def test_text_costs_from_law_cards(self):
        self.assertEqual(self.bench("-r", "2").returncode, 0)
        self.assertEqual(self.run_landauer("laws", "--store", self.store, "--cards", "cards").returncode, 0)
        card = json.loads((self.folder / "cards" / "run1.seconds.law.json").read_text())
        terms = {t["name"]: t["value"] for t in card["terms"]}
        done = self.predict("--cards", "cards", "-p", "300", "-n", "2", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        costs = {c["y"]: c for c in json.loads(done.stdout)["costs"]}
        wanted = (terms["intercept"] + terms.get("n_in", 0) * 300 + terms.get("n_out", 0) * 2 +
                  terms.get("n_in^2", 0) * 300 ** 2)
        self.assertAlmostEqual(costs["seconds"]["value"], wanted, places=9)
        self.assertLessEqual(costs["seconds"]["low"], costs["seconds"]["value"])
        with_image = self.told("--image-size", "720p", "--cards", "cards", "-p", "300", "-n", "10")
        self.assertIn("no law of images", " ".join(with_image["notes"]))

    def test_a_projector_of_another_model(self):
        model = language_model(self.folder / "model.gguf", width=48)
        self.assert_refused(self.predict("-m", model, "--mmproj", self.mmproj, "--image-size", "720p"), 2, "48", "32")

    def test_files_the_wrong_way_round(self):
        model = language_model(self.folder / "model.gguf")
        self.assert_refused(self.predict("--mmproj", model, "--image-size", "720p"), 2, "no vision projector")
        self.assert_refused(self.predict("-m", self.mmproj, "--mmproj", self.mmproj, "--image-size", "720p"), 2,
                            "not a language model")
        self.assertEqual(self.predict("-m", model, "--mmproj", self.mmproj, "--image-size", "720p").returncode, 0)

    def test_a_projector_that_lacks_something(self):
        for name in ("v.patch_embd.weight.1", "v.post_ln.weight", "v.blk.0.ln1.bias", "clip.vision.patch_size"):
            mmproj = qwen2vl_projector(self.folder / "less.gguf", leave_out=[name])
            self.assert_refused(self.predict("--mmproj", mmproj, "--image-size", "720p"), 2, name, "again")

    def test_a_damaged_or_missing_projector(self):
        cut = self.folder / "cut.gguf"
        cut.write_bytes(self.mmproj.read_bytes()[:900])
        self.assert_refused(self.predict("--mmproj", cut, "--image-size", "720p"), 2, "cut.gguf")
        self.assert_refused(self.predict("--mmproj", "none.gguf", "--image-size", "720p"), 2, "does not exist")

    def test_clamps_that_cannot_be(self):
        image = ["--mmproj", self.mmproj, "--image-size", "720p"]
        self.assert_refused(self.predict(*image, "--image-max-tokens", "4"), 2, "below the least")
        self.assert_refused(self.predict(*image, "--image-min-tokens", "90", "--image-max-tokens", "80"), 2, "90", "80")
        self.assert_refused(self.predict(*image, "--image-max-tokens", "-1"), 2, "negative")
        self.assert_refused(self.predict(*image, "--image-max-pixels", "20x20"), 2, "20x20")
        self.assert_refused(self.predict(*image, "--image-max-pixels", "1024x720", "--image-max-tokens", "9"), 2, "one")

    def test_sizes_that_are_none(self):
        for size in ("0x5", "5", "axb", "20000x20000"):
            self.assert_refused(self.predict("--mmproj", self.mmproj, "--image-size", size), 2, "image")
        self.assert_refused(self.predict("--mmproj", self.mmproj), 2, "--image-size")
        self.assert_refused(self.predict("--image-size", "720p"), 2, "--mmproj")
        self.assert_refused(self.predict(), 2, "--mmproj")

    def test_answers_of_other_lengths_cost_what_decoding_does(self):
        model = self.fake_model("talker", decode_s_per_token=0.002)
        self.assertEqual(self.bench(model=model).returncode, 0)  # answers of 2 tokens: one is decoded
        self.assertEqual(self.run_landauer("laws", "--store", self.store, "--cards", "cards").returncode, 0)
        told = {}
        for n in ("2", "102"):
            done = self.predict("--cards", "cards", "-p", "300", "-n", n, "-o", "json")
            told[n] = json.loads(done.stdout)
        seconds = {n: next(c["value"] for c in told[n]["costs"] if c["y"] == "seconds") for n in told}
        self.assertAlmostEqual(seconds["102"] - seconds["2"], 0.2, delta=0.06)
        self.assertIn("answers of 2 tokens", " ".join(told["102"]["notes"]))
        self.assertNotIn("answers of 2 tokens", " ".join(told["2"]["notes"]))

    def test_a_workload_is_the_sum_of_its_requests(self):
        self.assertEqual(self.bench().returncode, 0)
        self.assertEqual(self.run_landauer("laws", "--store", self.store, "--cards", "cards").returncode, 0)
        (self.folder / "day.csv").write_text("n_prompt,n_gen,count\n300,10,3\n100,10,1\n")
        one = {}
        for n in ("300", "100"):
            told = json.loads(self.predict("--cards", "cards", "-p", n, "-n", "10", "-o", "json").stdout)
            one[n] = next(c["value"] for c in told["costs"] if c["y"] == "seconds")
        done = self.predict("--cards", "cards", "--workload", "day.csv", "--budget", "1min", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        day = json.loads(done.stdout)
        seconds = next(c for c in day["models"][0]["costs"] if c["y"] == "seconds")
        self.assertAlmostEqual(seconds["total"]["value"], 3 * one["300"] + one["100"], places=9)
        self.assertAlmostEqual(seconds["each"]["value"], seconds["total"]["value"] / 4)
        self.assertAlmostEqual(day["models"][0]["n_in_budget"]["value"], 60 / seconds["each"]["value"])
        self.assertEqual(day["n_requests"], 4)
        table = self.predict("--cards", "cards", "--workload", "day.csv", "--budget", "1min")
        self.assertIn("4 requests, on average 250 tokens in", table.stdout)
        self.assertIn("A budget of 1min pays for", table.stdout)
        self.assertIn("held-out error", table.stdout)
        self.assertIn("No joules", table.stdout)

    @unittest.skipUnless(os.environ.get("LANDAUER_TEST_EMBEDDER"), "no embedder")
    def test_a_budget_stands_beside_the_accuracy_of_stored_answers(self):
        self.assertEqual(self.bench().returncode, 0)
        self.assertEqual(self.run_landauer("laws", "--store", self.store, "--cards", "cards").returncode, 0)
        (self.folder / "day.csv").write_text("n_prompt,n_gen\n300,2\n")
        budget = ["--cards", "cards", "--workload", "day.csv", "--budget", "1min", "--store", self.store]
        self.assertNotIn("accuracy", self.predict(*budget, "-o", "json").stdout)
        scored = self.run_landauer("score", "--store", self.store, "--embedder", os.environ["LANDAUER_TEST_EMBEDDER"])
        self.assertEqual(scored.returncode, 0, scored.stderr)
        told = json.loads(self.predict(*budget, "-o", "json").stdout)["models"][0]["accuracy"]
        self.assertTrue(told["low"] <= told["value"] <= told["high"])
        self.assertIn("points", self.predict(*budget).stdout)

    def test_workloads_and_budgets_that_cannot_be(self):
        self.assertEqual(self.bench().returncode, 0)
        self.assertEqual(self.run_landauer("laws", "--store", self.store, "--cards", "cards").returncode, 0)
        (self.folder / "day.csv").write_text("n_prompt,n_gen\n300,10\n")
        day = ["--cards", "cards", "--workload", "day.csv"]
        self.assert_refused(self.predict("--workload", "day.csv"), 2, "law cards", "laws --cards")
        self.assert_refused(self.predict(*day, "--budget", "5 apples"), 2, "5 apples", "10Wh")
        self.assert_refused(self.predict(*day, "--budget", "-1Wh"), 2, "-1Wh")
        self.assert_refused(self.predict(*day, "--budget", "5Wh"), 2, "joules", "meter")
        self.assert_refused(self.predict("--cards", "cards", "--budget", "5s"), 2, "--workload")
        self.assert_refused(self.predict(*day, "--prompts", "p.jsonl"), 2, "one of them")
        self.assert_refused(self.predict("--cards", "cards", "--prompts", "p.jsonl"), 2, "-m MODEL")
        model = language_model(self.folder / "model.gguf")
        self.assert_refused(self.predict("--cards", "cards", "-m", model, "--prompt-file", "no.txt"), 2, "no.txt")
        (self.folder / "blank.txt").write_text(" \n")
        self.assert_refused(self.predict("--cards", "cards", "-m", model, "--prompt-file", "blank.txt"), 2, "no UTF-8")
        self.assert_refused(self.predict(*day, "--mmproj", self.mmproj, "--image-size", "720p"), 2, "--mmproj")
        (self.folder / "bad.csv").write_text("n_prompt,n_gen\n300\n")
        self.assert_refused(self.predict("--cards", "cards", "--workload", "bad.csv"), 2, "line 2")

    def test_cards_that_are_none(self):
        self.assert_refused(self.predict("--cards", "nowhere", "-p", "5"), 2, "nowhere", "laws --cards")
        (self.folder / "empty").mkdir()
        self.assert_refused(self.predict("--cards", "empty", "-p", "5"), 2, "no law card", "laws --cards")
        (self.folder / "empty" / "run1.seconds.law.json").write_text("{")
        self.assert_refused(self.predict("--cards", "empty", "-p", "5"), 2, "run1.seconds.law.json")
