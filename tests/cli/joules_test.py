"""Joules from outside: estimates, meters by name, --strict, and what meters says."""
import json
import os
import unittest

from program import ProgramTest, LANDAUER

# A machine of the test's own could have a meter; then these say nothing.
HAS_METER = '"covers": ""' not in os.popen(f'"{LANDAUER}" meters --watch 0 -o json').read()


class Meters(ProgramTest):
    def test_json_is_whole(self):
        told = json.loads(self.run_landauer("meters", "--watch", "0", "-o", "json").stdout)
        self.assertIn("process", [meter["name"] for meter in told["meters"]])
        for meter in told["meters"]:
            self.assertTrue(meter["readable"] or (meter["why"] and meter["remedy"]), meter)

    def test_explain_names_what_can_be_asked_for(self):
        done = self.run_landauer("meters", "--explain", "--watch", "0")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--meter estimate:", done.stdout)

    def test_unknown_meter(self):
        self.assert_refused(self.run_landauer("meters", "--meter", "crystal-ball"), 2, "crystal-ball", "powercap")

    def test_grant_runs_nothing(self):
        done = self.run_landauer("meters", "--grant", "--watch", "0")
        self.assertEqual(done.returncode, 0)


class Bench(ProgramTest):
    @unittest.skipIf(HAS_METER, "this machine has a meter")
    def test_a_machine_without_a_meter_says_so_and_what_helps(self):
        done = self.bench()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("This machine shows no energy meter", done.stdout)
        self.assertIn("--meter plug-shelly:HOST", " ".join(done.stdout.split()))
        self.assertNotIn(" Wh", done.stdout)

    @unittest.skipIf(HAS_METER, "this machine has a meter")
    def test_strict_refuses_a_machine_without_a_meter(self):
        self.assert_refused(self.bench("--strict"), 3, "no energy meter", "--meter none")

    def test_strict_without_joules_is_a_choice(self):
        done = self.bench("--strict", "--meter", "none")
        self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipIf(HAS_METER, "this machine has a meter")
    def test_strict_refuses_an_estimate(self):
        self.assert_refused(self.bench("--strict", "--meter", "estimate:idle=2,load=8"), 3, "estimate")

    @unittest.skipIf(HAS_METER, "this machine has a meter")
    def test_an_estimate_is_called_one_everywhere(self):
        done = self.run_landauer("bench", "-m", self.model, "--store", self.store, "--idle", "1", "--idle-cap", "1",
                                 "--cooldown", "0", "--delay", "0", "-n", "2", "--contention-limit", "100000",
                                 "--meter", "estimate:idle=2,load=8", "--report", "r.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("(estimate)", done.stdout)
        self.assertIn("These joules are an estimate", done.stdout)
        self.assertIn("(estimate)", (self.folder / "r.html").read_text())
        rows = self.trials()
        self.assertEqual({row["energy_provenance"] for row in rows}, {"modelled"})
        self.assertTrue(all(row["wh"] for row in rows))
        for form in ("md", "table"):
            shown = self.run_landauer("report", "last", "--store", self.store, "--format", form)
            self.assertIn("(estimate)", shown.stdout, form)

    def test_a_named_meter_that_is_not_there_is_an_error(self):
        done = self.bench("--meter", "external:nothing-here.csv")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing-here.csv", done.stderr)
        self.assertFalse(self.store.exists() and self.trials())

    def test_none_stands_alone(self):
        self.assert_refused(self.bench("--meter", "none", "--meter", "hwmon"), 2, "none")

    def test_an_estimate_without_watts(self):
        self.assert_refused(self.bench("--meter", "estimate:idle=8,load=2"), 2, "estimate")


if __name__ == "__main__":
    unittest.main()
