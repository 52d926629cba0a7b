"""Another instrument's recording joins a run: a 1 Hz meter is played from what the machine really did."""
import json
import random
import re
import unittest

from program import MODEL, ProgramTest

GAIN_W = 5.5  # for each busy core
OFFSET_W = 3.0
NOISE_W = 0.15
LAG_S = 987.654  # the recording's clock is behind by this


def words(n, seed):
    chosen = random.Random(seed)
    return " ".join(chosen.choice("energy machine river window paper seven quiet orange train".split()) for _ in range(n))


class Attach(ProgramTest):
    def measure(self):
        prompts = self.folder / "prompts.jsonl"
        lengths = (30, 180, 60, 240)
        prompts.write_text("".join(json.dumps({"id": f"Q{i}", "text": words(n, i)}) + "\n" for i, n in enumerate(lengths)))
        done = self.run_landauer("bench", "-m", MODEL, "--store", self.store, "--prompts", prompts, "-t", "1", "-n", "360",
                                 "--idle", "10", "--idle-cap", "10", "--cooldown", "0", "--delay", "4", "--meter", "none",
                                 "--contention-limit", "100000", timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)

    def exported(self):
        """The run's sessions, trials and busy counter, from the lossless export."""
        done = self.run_landauer("runs", "export", "last", "--store", self.store)
        self.assertEqual(done.returncode, 0, done.stderr)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        session = next(r for r in records if r.get("type") == "session")
        busy_at = next(i for i, c in enumerate(session["channels"]) if (c["meter"], c["name"]) == ("machine", "busy"))
        times, busy = [], []
        for record in records:
            if record.get("type") == "samples" and busy_at in record["channels"]:
                times += record["t_ns"]
                busy += record["raw"][record["channels"].index(busy_at)]
        scale = session["channels"][busy_at]["scale"]
        order = sorted(range(len(times)), key=times.__getitem__)
        trials = [r for r in records if r.get("type") == "trial"]
        return [times[i] * 1e-9 for i in order], [busy[i] * scale for i in order], trials

    @staticmethod
    def at(times, values, t):
        import bisect
        i = bisect.bisect_right(times, t)
        if i == 0 or i == len(times):
            return values[0] if i == 0 else values[-1]
        part = (t - times[i - 1]) / (times[i] - times[i - 1])
        return values[i - 1] + part * (values[i] - values[i - 1])

    def record(self, times, busy, seed=1):
        noise = random.Random(seed)
        lines = ["time_s,power_W"]
        t = times[0] + 1.3
        while t < times[-1]:
            load = self.at(times, busy, t) - self.at(times, busy, t - 1.0)
            lines.append(f"{t - LAG_S:.6f},{OFFSET_W + GAIN_W * load + noise.gauss(0, NOISE_W):.4f}")
            t += 1.0
        path = self.folder / "plug.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    @unittest.skipUnless(MODEL, "no model: LANDAUER_TEST_MODEL")
    def test_a_recording_finds_its_place_and_its_joules_are_right(self):
        self.measure()
        times, busy, trials = self.exported()
        seconds = [busy[i + 5] - busy[i] for i in range(0, len(busy) - 5, 5)]
        if max(seconds) - min(seconds) < 0.5:
            self.skipTest("other programs keep every core busy, so there is no load to recognise")
        recording = self.record(times, busy)
        dry = self.run_landauer("runs", "attach", "last", recording, "--store", self.store, "--dry-run")
        self.assertEqual(dry.returncode, 0, dry.stderr)
        self.assertIn("Would attach", dry.stdout)
        done = self.run_landauer("runs", "attach", "last", recording, "--store", self.store, "--accuracy", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        print("\n" + done.stdout)
        windows = re.search(r"shows (\d+) of (\d+) windows", done.stdout).groups()
        lag, lag_half_ms = re.search(r"lag +(-?[\d.]+) s \+- (\d+) ms", done.stdout).groups()
        self.assertAlmostEqual(float(lag), LAG_S, delta=0.1)
        gain, gain_half = re.search(r"gain +([\d.]+) W \+- ([\d.]+)", done.stdout).groups()
        self.assertAlmostEqual(float(gain), GAIN_W, delta=max(0.3, 2 * float(gain_half)))
        offset = re.search(r"offset +([\d.]+) W", done.stdout).group(1)
        self.assertAlmostEqual(float(offset), OFFSET_W, delta=0.4)
        if self.check_joules(times, busy, trials):
            self.assertEqual(windows, ("4", "4"))
        again = self.run_landauer("runs", "attach", "last", recording, "--store", self.store)
        self.assert_refused(again, 2, "already")
        self.assertEqual(self.run_landauer("runs", "verify", "--store", self.store).returncode, 0)

    def check_joules(self, times, busy, trials):
        """Joules of each prompt against the load that made them; not on a machine too busy to tell."""
        def load(begin, end):
            return (self.at(times, busy, end) - self.at(times, busy, begin)) / (end - begin)

        rest = max(load(t + side, t + side + 1.2) for trial in trials
                   for t, side in ((trial["begin_ns"] * 1e-9, -1.3), (trial["end_ns"] * 1e-9, 0.1)))
        if rest > 0.15:
            print(f"  other programs used {rest:.2f} cores beside the trials, so their joules cannot be told apart")
            return False
        rows = {row["prompt_id"]: row for row in self.trials()}
        self.assertEqual({row["energy_provenance"] for row in rows.values()}, {"measured"})
        inside = 0
        for trial in trials:
            begin, end = trial["begin_ns"] * 1e-9, trial["end_ns"] * 1e-9
            gross = OFFSET_W * (end - begin) + GAIN_W * (self.at(times, busy, end) - self.at(times, busy, begin))
            row = rows[trial["prompt_id"]]
            half = float(row["energy_half_j"])
            low, high = float(row["energy_j"]) - half, float(row["energy_j"]) + half
            print(f"  {trial['prompt_id']}: {end - begin:.2f} s, true {gross:.2f} J, "
                  f"measured {float(row['energy_j']):.2f} [{low:.2f}, {high:.2f}]")
            inside += low <= gross <= high
        self.assertGreaterEqual(inside, len(trials) - 1, "an interval of 95 % may miss once in a while")
        return True


class BadRecordings(ProgramTest):
    def attach(self, text, *more):
        path = self.folder / "rec.csv"
        path.write_text(text)
        return self.run_landauer("runs", "attach", "last", path, "--store", self.store, *more)

    def test_what_cannot_be_attached(self):
        self.assertEqual(self.bench().returncode, 0)
        self.assert_refused(self.attach("hello\nworld\n"), 2)
        self.assert_refused(self.attach(""), 2)
        self.assert_refused(self.attach("time_s,power_W\n1,2\n2,3\n"), 2, "10")
        steady = "time_s,power_W\n" + "".join(f"{i},{5 + i % 2}\n" for i in range(60))
        self.assert_refused(self.attach(steady, "--rail", "cellar"), 2, "cellar", "wall")
        self.assert_refused(self.attach(steady), 1)
        missing = self.run_landauer("runs", "attach", "last", "none.csv", "--store", self.store)
        self.assertIn(missing.returncode, (1, 2))
        self.assertIn("none.csv", missing.stderr)
        self.assertEqual(self.run_landauer("runs", "verify", "--store", self.store).returncode, 0)


if __name__ == "__main__":
    unittest.main()
