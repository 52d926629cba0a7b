"""Kills `landauer bench` with SIGKILL at random instants and starts it again until its plan is whole.

After every kill each trial that the program had reported as finished, and each that was in the
store before, must be in the store, and every figure must still follow from the raw samples.
When a plan is whole, it must hold the same trials as one that nobody interrupted.

Environment: LANDAUER, the program; LANDAUER_KILLS and LANDAUER_KILL_SEED, how many and which instants.
"""
import json
import os
import random
import re
import signal
import threading
import time
import unittest

from program import ProgramTest

KILLS = int(os.environ.get("LANDAUER_KILLS", "50"))
SEED = int(os.environ.get("LANDAUER_KILL_SEED", "1"))
REPETITIONS = 4
# Reported by --progress for each finished trial: "[3/76] P7/r2 grade A: ...".
FINISHED = re.compile(r"^\[\d+/\d+\] (\S+) grade ")


class Kills(ProgramTest):
    def setUp(self):
        super().setUp()
        # A second or two for a plan, so that most kills fall into a trial or its commit.
        self.model = self.fake_model("slow", load_s=0.01, prefill_s=0.008, decode_s_per_token=0.005)
        self.words = ["-r", str(REPETITIONS), "--no-warmup"]

    def stored(self):
        """The trials in the store, by what tells them apart; empty while there is no run yet."""
        if not self.store.exists():
            return {}
        done = self.run_landauer("runs", "export", "last", "--store", self.store)
        if done.returncode == 2 and "holds no run yet" in done.stderr:
            return {}
        self.assertEqual(done.returncode, 0, done.stderr)
        trials = [line for line in map(json.loads, done.stdout.splitlines()) if line.get("type") == "trial"]
        found = {(t["session"], t["key"], t["attempt"], t["begin_ns"]): t for t in trials}
        self.assertEqual(len(found), len(trials), "a trial is in the store twice")
        return found

    def kill_once(self, instants):
        """Starts the plan and kills it; returns the keys it reported and whether the kill met it alive."""
        process = self.start_bench(*self.words)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(process.stderr))
        reader.start()
        if instants.random() < 0.5:
            time.sleep(instants.uniform(0.0, 1.2))
        else:
            # Right after a report: around the commit and the beginning of the next trial.
            wanted = instants.randrange(1, 30)
            while len(lines) < wanted and process.poll() is None:
                time.sleep(0.0005)
            time.sleep(instants.uniform(0.0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.wait()
        reader.join()
        process.stdout.close()
        process.stderr.close()
        return [match.group(1) for match in map(FINISHED.match, lines) if match], process.returncode == -signal.SIGKILL

    def check_nothing_lost(self, before, reported):
        after = self.stored()
        self.assertLessEqual(before.keys(), after.keys(), "a trial that was stored is gone")
        new = [t["key"] for identity, t in after.items() if identity not in before]
        for key in reported:
            self.assertIn(key, new, "a trial that was reported as finished is not in the store")
        self.assertLessEqual(len(new), len(reported) + 1, "at most the trial being reported may be stored unreported")
        if after:
            verified = self.run_landauer("runs", "verify", "--store", self.store)
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        return after

    def result_set(self):
        """What the plan came to: for each key what was run, and how often it was finished validly."""
        results = {}
        for trial in self.stored().values():
            facts = (trial["prompt_id"], trial["repetition"], trial["n_prompt"], trial["n_gen"])
            self.assertEqual(results.setdefault(trial["key"], facts), facts)
        return results

    def check_valid_once(self):
        valid = [t["key"] for t in self.stored().values() if t["grade"] in "AB"]
        self.assertEqual(len(valid), len(set(valid)), "a finished trial was run again")

    def finish(self, reference):
        done = self.bench(*self.words)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.result_set(), reference)
        self.check_valid_once()

    def test_every_finished_trial_outlives_the_kill(self):
        instants = random.Random(SEED)
        self.store = self.folder / "reference.db"
        done = self.bench(*self.words)
        self.assertEqual(done.returncode, 0, done.stderr)
        reference = self.result_set()
        self.assertEqual(len(reference), 19 * REPETITIONS)

        survived = 0
        plans = 0
        trials = {}
        self.store = self.folder / "plan0.db"
        while survived < KILLS:
            if {t["key"] for t in trials.values()} == reference.keys():
                self.finish(reference)
                plans += 1
                trials = {}
                self.store = self.folder / f"plan{plans}.db"
            reported, was_killed = self.kill_once(instants)
            trials = self.check_nothing_lost(trials, reported)
            survived += was_killed  # not, where the plan was whole before the instant came
        self.finish(reference)
        print(f"{survived} of {KILLS} kills lost nothing; {plans + 1} plans came to the same results.")


if __name__ == "__main__":
    unittest.main()
