#include "platform/line_feed.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace landauer::testing;

std::vector<std::string> lines_of(LineFeed& feed) {
    std::vector<std::string> lines;
    while (const auto line = feed.next()) {
        lines.emplace_back(*line);
    }
    return lines;
}

struct Pipe {
    Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
    void write(const std::string& text) const {
        EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    int ends[2] = {-1, -1};
};

TEST(LineFeed, GivesWholeLinesHoweverTheyAreCut) {
    const Pipe pipe;
    LineFeed feed = LineFeed::adopt(pipe.ends[0]);
    EXPECT_THAT(lines_of(feed), IsEmpty());
    pipe.write("on");
    EXPECT_THAT(lines_of(feed), IsEmpty());
    pipe.write("e\r\ntwo\nthr");
    EXPECT_THAT(lines_of(feed), ElementsAre("one", "two"));
    pipe.write("ee\n\n");
    EXPECT_THAT(lines_of(feed), ElementsAre("three", ""));
    EXPECT_FALSE(feed.ended());
    ::close(pipe.ends[1]);
    EXPECT_THAT(lines_of(feed), IsEmpty());
    EXPECT_TRUE(feed.ended());
}

TEST(LineFeed, LongLinesAreLeftOutWhole) {
    const Pipe pipe;
    LineFeed feed = LineFeed::adopt(pipe.ends[0]);
    pipe.write(std::string(20000, 'x'));
    EXPECT_THAT(lines_of(feed), IsEmpty());
    pipe.write("still the same line\nnext\n" + std::string(LineFeed::kLongestLine - 1, 'y') + "\n");
    EXPECT_THAT(lines_of(feed), ElementsAre("next", std::string(LineFeed::kLongestLine - 1, 'y')));
    ::close(pipe.ends[1]);
}

TEST(LineFeed, AFloodWithoutAnEndOfLineDoesNotHoldUs) {
    auto feed = LineFeed::open("/dev/zero");
    ASSERT_TRUE(feed);
    EXPECT_FALSE(feed->next());
    EXPECT_FALSE(feed->next());
}

TEST(LineFeed, FollowsAFileThatGrowsAndStartsAnew) {
    const MachineTree tree;
    tree.write("log", "old\nhalf");
    auto feed = LineFeed::open(tree.root() / "log");
    ASSERT_TRUE(feed);
    feed->skip_to_end();
    EXPECT_THAT(lines_of(*feed), IsEmpty());
    std::ofstream(tree.root() / "log", std::ios::app) << " a line\nnew\n";
    EXPECT_THAT(lines_of(*feed), ElementsAre("new"));
    tree.write("log", "again\n");
    EXPECT_THAT(lines_of(*feed), ElementsAre("again"));
}

TEST(LineFeed, ReadsAFileFromItsBeginUnlessToldOtherwise) {
    const MachineTree tree;
    tree.write("log", "a\nb\n");
    auto feed = LineFeed::open(tree.root() / "log");
    ASSERT_TRUE(feed);
    EXPECT_THAT(lines_of(*feed), ElementsAre("a", "b"));
}

TEST(LineFeed, ANamedPipeMayHaveNoWriterYet) {
    const MachineTree tree;
    const auto path = tree.root() / "fifo";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    auto feed = LineFeed::open(path);
    ASSERT_TRUE(feed);
    EXPECT_THAT(lines_of(*feed), IsEmpty());
    const int writer = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(::write(writer, "12\n", 3), 3);
    EXPECT_THAT(lines_of(*feed), ElementsAre("12"));
    ::close(writer);
}

TEST(LineFeed, SaysWhyItCannotBeOpened) {
    const MachineTree tree;
    EXPECT_EQ(LineFeed::open(tree.root() / "nothing").error().kind, ErrorKind::Absent);
    EXPECT_EQ(LineFeed::open(tree.root()).error().kind, ErrorKind::Failed);
    tree.write("secret", "");
    tree.deny("secret");
    EXPECT_EQ(as_nobody([&] { return LineFeed::open(tree.root() / "secret"); }).error().kind, ErrorKind::Denied);
}

TEST(LineFeed, StandardInputStaysAsItWas) {
    const int flags = ::fcntl(STDIN_FILENO, F_GETFL);
    const auto feed = LineFeed::open("-");
    ASSERT_TRUE(feed);
    EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL), flags);
}

TEST(LineFeed, MovesWithWhatItHolds) {
    const Pipe pipe;
    LineFeed first = LineFeed::adopt(pipe.ends[0]);
    pipe.write("one\ntwo\n");
    EXPECT_EQ(first.next(), "one");
    LineFeed second = std::move(first);
    EXPECT_EQ(second.next(), "two");
    ::close(pipe.ends[1]);
}

}  // namespace
}  // namespace landauer
