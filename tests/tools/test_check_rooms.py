"""check_rooms.py sees every kind of planted violation, and nothing in a clean tree."""
import importlib.util
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("check_rooms", ROOT / "tools" / "check_rooms.py")
check_rooms = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_rooms)

CLEAN = {
    "CMakeLists.txt": "landauer_room(core PACKAGES fmt::fmt)\nlandauer_room(platform ROOMS core)\n"
    "landauer_room(store ROOMS core PACKAGES SQLiteCpp)\nlandauer_room(engine ROOMS core)\n",
    "include/landauer/units.h": "#include <landauer/error.h>\n#include <compare>\n#include <tl/expected.hpp>\n",
    "src/core/trace.h": "#include <landauer/units.h>\n",
    "src/platform/files.cpp": '#include <unistd.h>\n#include <sys/stat.h>\n#include "core/trace.h"\n#include "platform/files.h"\n',
    "src/platform/files.h": "",
    "src/store/store.cpp": '#include <SQLiteCpp/SQLiteCpp.h>\n#include "core/trace.h"\n',
    "src/engine/llama.cpp": "#include <llama.h>\n#include <ggml-backend.h>\n",
    "src/cli/main.cpp": '#include <CLI/CLI.hpp>\n#include "platform/files.h"\n#include "cli/command.h"\n',
    "src/cli/command.h": "",
    "tests/store/store_test.cpp": '#include <unistd.h>\n#include "platform/files.h"\n',
}


class PlantedViolations(unittest.TestCase):
    def violations(self, planted):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in {**CLEAN, **planted}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return check_rooms.check(root)

    def assert_one(self, planted, words):
        violations, _ = self.violations(planted)
        self.assertEqual(len(violations), 1, violations)
        self.assertIn(words, violations[0])

    def test_clean_tree(self):
        self.assertEqual(self.violations({}), ([], []))

    def test_room_not_on_the_line(self):
        self.assert_one({"src/core/clock.cpp": '#include "platform/files.h"\n'}, "room core may not include")

    def test_nobody_includes_cli(self):
        self.assert_one({"src/store/a.cpp": '#include "cli/command.h"\n'}, "nobody includes cli")

    def test_header_that_is_not_there(self):
        self.assert_one({"src/store/a.cpp": '#include "core/gone.h"\n'}, "there is no src/core/gone.h")

    def test_include_without_its_room(self):
        self.assert_one({"src/platform/a.cpp": '#include "files.h"\n'}, "write the room too")

    def test_room_that_is_declared_nowhere(self):
        self.assert_one({"CMakeLists.txt": CLEAN["CMakeLists.txt"] + "landauer_room(run ROOMS core gguf)\n"}, "lists 'gguf'")

    def test_foreign_headers_stay_at_home(self):
        for header, home in [("llama.h", "engine"), ("mtmd-helper.h", "engine"), ("sqlite3.h", "store"), ("fcntl.h", "platform"),
                             ("sys/statvfs.h", "platform"), ("Eigen/Dense", "tensor"), ("CLI/CLI.hpp", "cli"), ("gguf.h", "gguf")]:
            with self.subTest(header=header):
                self.assert_one({"src/core/a.cpp": f"#include <{header}>\n"}, f"{header} belongs in")
                self.assertIn(home, self.violations({"src/core/a.cpp": f"#include <{header}>\n"})[0][0])

    def test_public_headers_stand_alone(self):
        self.assert_one({"include/landauer/a.h": "#include <fmt/format.h>\n"}, "public headers include")
        self.assert_one({"include/landauer/a.h": '#include "core/trace.h"\n'}, "public headers include")

    def test_unfinished_code(self):
        for word in ("TO" "DO", "FIX" "ME", "place" "holder", "not " "implemented"):
            with self.subTest(word=word):
                self.assert_one({"src/core/a.cpp": f"// {word}: later\n"}, "unfinished")

    def test_registry_hosts(self):
        for host in ("pypi" ".org", "files.python" "hosted.org", "registry.npm" "js.org", "deb.deb" "ian.org"):
            with self.subTest(host=host):
                self.assert_one({"tools/fetch.sh": f"https://{host}/simple\n"}, "registry's host")

    def test_paths_of_one_machine(self):
        for path in ("/wo" "rk/main", "/ro" "ot/.cache", "/tmp/bash" "_jobs.0/x"):
            with self.subTest(path=path):
                self.assert_one({"docs/a.md": f"see {path}\n"}, "path of one machine")
        self.assertEqual(self.violations({"docs/a.md": "the remote/wo" "rk/tree and --ro" "ot/here are fine\n"})[0], [])

    def test_long_files_are_a_warning(self):
        violations, warnings = self.violations({"src/core/a.cpp": "// line\n" * 401})
        self.assertEqual(violations, [])
        self.assertIn("401 lines", warnings[0])

    def test_no_rooms_at_all(self):
        self.assert_one({"CMakeLists.txt": "project(x)\n"}, "no landauer_room")


if __name__ == "__main__":
    unittest.main()
