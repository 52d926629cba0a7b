"""What the world does to a run: interrupts, closed pipes, full disks, files that vanish."""
import json
import os
import signal
import subprocess
import time
import unittest

from program import LANDAUER, MODEL, ProgramTest


class Interrupts(ProgramTest):
    def test_ctrl_c_keeps_what_was_measured_and_continues(self):
        slow = self.fake_model("slow", decode_s_per_token=0.05)
        process = self.start_bench(model=slow)
        self.wait_for_trials(process, 3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("Interrupted after", err)
        kept = len(self.trials())
        self.assertGreaterEqual(kept, 3)
        done = self.bench(model=slow)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("were finished before", done.stderr)
        self.assertEqual(len({(t["prompt_id"], t["repetition"]) for t in self.trials()}), 19)

    def test_ctrl_c_in_an_idle_baseline(self):
        process = subprocess.Popen([LANDAUER, "bench", "-m", str(self.model), "--store", str(self.store), "--idle", "30"],
                                   stderr=subprocess.PIPE, text=True, cwd=self.folder)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), 130)
        process.stderr.close()

    @unittest.skipUnless(MODEL, "no real model")
    def test_ctrl_c_inside_a_real_prefill(self):
        process = subprocess.Popen([LANDAUER, "bench", "-m", MODEL, "--store", str(self.store), "--idle", "0",
                                    "--idle-cap", "0", "--protocol", "grid", "-p", "4096", "-r", "1", "--no-warmup"],
                                   stderr=subprocess.PIPE, text=True, cwd=self.folder)
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), 130)
        process.stderr.close()

    def wait_for_trials(self, process, count):
        seen = 0
        while seen < count:
            line = process.stderr.readline()
            self.assertTrue(line, "the run ended too early")
            seen += line.startswith("[")


class Pipes(ProgramTest):
    def test_a_closed_stdout_loses_nothing(self):
        process = subprocess.Popen([LANDAUER, "bench", "-m", str(self.model), "--store", str(self.store), "--idle", "0",
                                    "--idle-cap", "0", "--cooldown", "0", "--delay", "0", "-n", "2"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, cwd=self.folder)
        process.stdout.close()
        self.assertIn(process.wait(timeout=60), (0, 1))
        self.assertEqual(len({(t["prompt_id"], t["repetition"]) for t in self.trials()}), 19)


class Disks(ProgramTest):
    def test_read_only_folder(self):
        if os.geteuid() == 0:
            self.skipTest("root writes everywhere")
        os.chmod(self.folder, 0o555)
        try:
            self.assert_refused(self.bench(), 1, "s.db")
        finally:
            os.chmod(self.folder, 0o755)

    def test_full_disk_keeps_the_trials_that_fitted(self):
        mount = self.folder / "small"
        mount.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(mount)], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(mount)])
        store = mount / "s.db"
        done = self.bench("-r", "200", "--rate", "50", store=store)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("s.db", done.stderr)
        copy = self.folder / "copy.db"
        copy.write_bytes(store.read_bytes())
        wal = store.with_name("s.db-wal")
        if wal.exists():
            copy.with_name("copy.db-wal").write_bytes(wal.read_bytes())
        self.assertGreater(len(self.trials(store=copy)), 0)

    def test_a_full_device_behind_stdout_is_said(self):
        self.assertEqual(self.bench().returncode, 0)
        with open("/dev/full", "w") as full:
            done = subprocess.run([LANDAUER, "report", "--store", str(self.store)], stdout=full, stderr=subprocess.PIPE,
                                  text=True, cwd=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written", done.stderr)

    def test_report_that_cannot_be_written(self):
        done = self.bench("--report", "none/report.html")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none/report.html", done.stderr)
        self.assertEqual(len({(t["prompt_id"], t["repetition"]) for t in self.trials()}), 19)


class Concurrency(ProgramTest):
    def test_two_processes_on_one_store(self):
        other = self.fake_model("other", seed=2)
        first = self.start_bench("-r", "2")
        second = self.start_bench("-r", "2", model=other)
        for process in (first, second):
            _, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, err)
        listed = self.run_landauer("runs", "list", "--store", self.store)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        verified = self.run_landauer("runs", "verify", "--store", self.store)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


class VanishingModels(ProgramTest):
    def test_fake_model_deleted_during_the_run(self):
        slow = self.fake_model("slow", decode_s_per_token=0.02)
        process = self.start_bench(model=slow)
        process.stderr.readline()
        slow.unlink()
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)

    def test_an_engine_that_fails_half_way(self):
        self.assertEqual(self.bench("-r", "1").returncode, 0)
        self.model.write_text(json.dumps({"fail_at": "decode"}))
        done = self.bench("-r", "1")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(self.trials(run="1")), 19, "the first run is untouched")


if __name__ == "__main__":
    unittest.main()
