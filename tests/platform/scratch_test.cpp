#include "platform/scratch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <utility>

#include "platform/open_file.h"
#include "platform/perf_event.h"

namespace landauer {
namespace {

std::filesystem::path here() { return ::testing::TempDir(); }

ScratchFolder folder() {
    auto made = ScratchFolder::create(here());
    EXPECT_TRUE(made) << made.error().sentence;
    return std::move(*made);
}

TEST(ScratchFolder, IsItsOwnAndGoesWithAllThatIsInIt) {
    std::filesystem::path first;
    {
        const ScratchFolder one = folder();
        const ScratchFolder two = folder();
        first = one.path();
        EXPECT_NE(one.path(), two.path());
        ASSERT_TRUE(ScratchFile::create(one.path() / "a/b/c"));
        EXPECT_TRUE(std::filesystem::exists(one.path() / "a/b/c"));
    }
    EXPECT_FALSE(std::filesystem::exists(first));
}

TEST(ScratchFolder, MovingHandsItOn) {
    ScratchFolder one = folder();
    const std::filesystem::path path = one.path();
    {
        const ScratchFolder two = std::move(one);
        EXPECT_EQ(two.path(), path);
        EXPECT_TRUE(std::filesystem::exists(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    ScratchFolder three = folder();
    const std::filesystem::path kept = three.path();
    {
        ScratchFolder four = folder();
        four = std::move(three);
    }
    EXPECT_FALSE(std::filesystem::exists(kept));
}

TEST(ScratchFolder, WhereNothingCanBeMadeItSaysSo) {
    const auto made = ScratchFolder::create(here() / std::filesystem::path("no-such-folder-here"));
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().sentence.find("no-such-folder-here"), std::string::npos) << made.error().sentence;
    EXPECT_FALSE(made.error().remedy.empty());
}

TEST(ScratchFile, WhoHasItOpenReadsWhatWasWrittenLast) {
    const ScratchFolder place = folder();
    auto file = ScratchFile::create(place.path() / "energy_uj");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("1234567\n"));
    const auto reader = OpenFile::open(place.path() / "energy_uj");
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->read_integer(), 1234567);
    ASSERT_TRUE(file->write("89\n"));  // shorter: nothing of the longer number is left behind
    EXPECT_EQ(reader->read_integer(), 89);
    ASSERT_TRUE(file->write(""));
    EXPECT_EQ(reader->read_integer(), std::nullopt);
    ASSERT_TRUE(file->write("90\n"));
    EXPECT_EQ(reader->read_integer(), 90);
}

TEST(ScratchFile, ASharedDescriptorReadsFromTheStartAfterEachWriting) {
    const ScratchFolder place = folder();
    auto file = ScratchFile::create(place.path() / "perf");
    ASSERT_TRUE(file);
    const auto shared = file->share();
    ASSERT_TRUE(shared);
    const PerfCounter counter(*shared);
    for (const std::int64_t count : {std::int64_t{7}, std::int64_t{1} << 40, std::int64_t{0}}) {
        std::array<char, sizeof count> bytes{};
        std::copy_n(reinterpret_cast<const char*>(&count), sizeof count, bytes.begin());
        ASSERT_TRUE(file->write({bytes.data(), bytes.size()}));
        EXPECT_EQ(counter.read(), count);
    }
}

TEST(ScratchFile, CannotBeMadeInsideAFile) {
    const ScratchFolder place = folder();
    std::ofstream(place.path() / "plain") << "x";
    const auto made = ScratchFile::create(place.path() / "plain/file");
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().sentence.find("plain/file"), std::string::npos) << made.error().sentence;
}

TEST(ScratchFile, MovingHandsItOn) {
    const ScratchFolder place = folder();
    auto one = ScratchFile::create(place.path() / "one");
    auto two = ScratchFile::create(place.path() / "two");
    ASSERT_TRUE(one && two);
    *one = std::move(*two);
    ASSERT_TRUE(one->write("5\n"));
    const auto reader = OpenFile::open(place.path() / "two");
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->read_integer(), 5);
}

}  // namespace
}  // namespace landauer
