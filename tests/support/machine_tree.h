// A machine's /proc and /sys as one readable text file, laid out as folders for a test:
//   == proc/stat              a file, its text on the lines below
//   == sys/a/b = performance  a file of one line
//   == sys/a -> ../c          a link
//   == sys/a/energy_uj = 5 !root  a file that only its owner may read (see as_nobody)
// Such files hold names that some systems cannot check out (colons) and links that lead nowhere.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace landauer::testing {

class MachineTree {
   public:
    MachineTree() {
        std::string pattern = (std::filesystem::temp_directory_path() / "landauer-machine-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
        using std::filesystem::perms;  // others must get in: see as_nobody
        std::filesystem::permissions(
            root_, perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec);
    }
    // A tree of tests/fixtures/sysfs.
    explicit MachineTree(const std::string& name) : MachineTree() {
        std::ifstream file(std::string(FIXTURES) + "/sysfs/" + name + ".tree");
        EXPECT_TRUE(file.good()) << name;
        std::stringstream text;
        text << file.rdbuf();
        lay_out(text.str());
    }
    MachineTree(const MachineTree&) = delete;
    MachineTree& operator=(const MachineTree&) = delete;
    MachineTree(MachineTree&&) = delete;
    MachineTree& operator=(MachineTree&&) = delete;
    ~MachineTree() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }

    void write(const std::string& path, const std::string& text) const {
        make_parent(path);
        std::ofstream(root_ / path, std::ios::binary | std::ios::trunc) << text;
    }
    void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }
    void link(const std::string& path, const std::string& target) const {
        make_parent(path);
        std::filesystem::create_symlink(target, root_ / path);
    }
    // Readable by its owner only, or by nobody when the tests run as an ordinary user.
    void deny(const std::string& path) const {
        std::filesystem::permissions(
            root_ / path, ::geteuid() == 0 ? std::filesystem::perms::owner_read : std::filesystem::perms::none);
    }

    void lay_out(const std::string& text) {
        std::istringstream lines(text);
        std::string line;
        std::string path;
        std::string body;
        const auto finish = [&] {
            if (!path.empty()) {
                write(path, body);
            }
            path.clear();
            body.clear();
        };
        while (std::getline(lines, line)) {
            if (line.rfind("== ", 0) != 0) {
                body += line + "\n";
                continue;
            }
            finish();
            heading(line.substr(3), path);
        }
        finish();
    }

   private:
    void make_parent(const std::string& path) const {
        std::filesystem::create_directories((root_ / path).parent_path());
    }
    void heading(const std::string& words, std::string& path) const {
        const auto arrow = words.find(" -> ");
        const auto equals = words.find(" = ");
        if (arrow != std::string::npos) {
            link(words.substr(0, arrow), words.substr(arrow + 4));
        } else if (equals != std::string::npos) {
            const auto bang = words.find(" !root");
            const std::string name = words.substr(0, equals);
            write(name, words.substr(equals + 3, bang - equals - 3) + "\n");
            if (bang != std::string::npos) {
                deny(name);
            }
        } else {
            path = words;
        }
    }

    std::filesystem::path root_;
};

// Calls `what` without root's right to read everything, so that Denied can be tested in
// a container, where tests often run as root.
template <class What>
auto as_nobody(What what) {
    constexpr uid_t kNobody = 65534;
    const bool is_root = ::geteuid() == 0;
    if (is_root) {
        EXPECT_EQ(::seteuid(kNobody), 0);
    }
    auto result = what();
    if (is_root) {
        EXPECT_EQ(::seteuid(0), 0);
    }
    return result;
}

}  // namespace landauer::testing
