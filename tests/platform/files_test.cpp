#include "platform/files.h"

#include <gmock/gmock.h>

#include <array>

#include "platform/open_file.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using landauer::testing::as_nobody;
using landauer::testing::MachineTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OpenFile, ReadsTheSameFileAgainFromItsStart) {
    MachineTree tree;
    tree.write("count", "41\n");
    const auto file = OpenFile::open(tree.root() / "count");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->read_integer(), 41);
    tree.write("count", "12345");
    EXPECT_EQ(file->read_integer(), 12345);
    tree.write("count", "rubbish");
    EXPECT_FALSE(file->read_integer());
    tree.write("count", "");
    EXPECT_FALSE(file->read_integer());
}

TEST(OpenFile, ReadsNoMoreThanTheBufferHolds) {
    MachineTree tree;
    tree.write("text", "abcdef");
    const auto file = OpenFile::open(tree.root() / "text");
    ASSERT_TRUE(file);
    std::array<char, 4> buffer{};
    EXPECT_EQ(file->read(buffer), "abcd");
}

TEST(OpenFile, SaysWhetherAFileIsMissingOrClosed) {
    MachineTree tree;
    tree.write("secret", "1");
    tree.deny("secret");
    const auto missing = OpenFile::open(tree.root() / "nothing/here");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::Absent);
    const auto denied = as_nobody([&] { return OpenFile::open(tree.root() / "secret"); });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    EXPECT_THAT(denied.error().remedy, HasSubstr("sudo chmod a+r '" + (tree.root() / "secret").string() + "'"));
    const auto folder = OpenFile::open(tree.root());
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().kind, ErrorKind::Failed);
}

TEST(OpenFile, CanBeMoved) {
    MachineTree tree;
    tree.write("a", "1");
    tree.write("b", "2");
    auto a = OpenFile::open(tree.root() / "a");
    auto b = OpenFile::open(tree.root() / "b");
    ASSERT_TRUE(a && b);
    *a = std::move(*b);
    EXPECT_EQ(a->read_integer(), 2);
}

TEST(Files, NumberedEntriesComeInTheOrderOfTheirNumber) {
    MachineTree tree;
    for (const char* const name : {"cpu10", "cpu2", "cpu0", "cpufreq", "cpu", "cpu-1", "cpu99999999999"}) {
        tree.write(std::string("cpus/") + name + "/x", "");
    }
    std::vector<int> numbers;
    for (const NumberedEntry& entry : list_numbered(tree.root() / "cpus", "cpu")) {
        numbers.push_back(entry.number);
    }
    EXPECT_THAT(numbers, ElementsAre(0, 2, 10));
    EXPECT_THAT(list_folder(tree.root() / "none"), IsEmpty());
}

TEST(Files, WholeTextUpToALimit) {
    MachineTree tree;
    tree.write("long", std::string(10'000, 'x'));
    EXPECT_EQ(read_text(tree.root() / "long")->size(), 10'000U);
    EXPECT_EQ(read_text(tree.root() / "long", 5000)->size(), 5000U);
    EXPECT_FALSE(read_text(tree.root()));
    EXPECT_EQ(read_trimmed(tree.root() / "none"), "");
}

TEST(Files, LinksThatLeadNowhereAreNotThere) {
    MachineTree tree;
    tree.link("link", "nowhere");
    EXPECT_FALSE(file_exists(tree.root() / "link"));
    EXPECT_TRUE(file_exists(tree.root()));
}

TEST(Files, FreeDiskSpaceOfAFolder) {
    MachineTree tree;
    ASSERT_TRUE(free_disk_bytes(tree.root()));
    const auto missing = free_disk_bytes(tree.root() / "none");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::Absent);
}

}  // namespace
}  // namespace landauer
