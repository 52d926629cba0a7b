#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "meters/channels.h"
#include "meters/table.h"
#include "platform/child_process.h"
#include "support/hand_clock.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace landauer::testing;

// Reads until the meter gives `wanted` or ten seconds have passed.
bool comes_to(Meter& meter, std::int64_t wanted) {
    for (int i = 0; i < 1000; ++i) {
        if (read_all(meter)["power"] == wanted) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

TEST(Command, TheNewestLineCounts) {
    const auto meter = probe_command({}, "echo 'my meter 1.0'; echo 3; printf '4.5 W\\n5'; sleep 60");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_TRUE(comes_to(**meter, 4'500'000)) << "a line without its end is none yet";
    EXPECT_EQ(channel(**meter, "power").rail.kind, RailKind::wall);
    EXPECT_EQ(channel(**meter, "power").rail.accuracy, 0.0) << "not stated";
    EXPECT_THAT((*meter)->info().covers, HasSubstr("my meter"));
}

TEST(Command, WhatItMeasuresCanBeSaid) {
    const auto meter = probe_command({}, "board=echo 3; sleep 60");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_EQ(channel(**meter, "power").rail.kind, RailKind::board);
}

TEST(Command, ItsDeathIsMissingForGood) {
    const auto meter = probe_command({}, "echo 3; sleep 0.2");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_TRUE(comes_to(**meter, kMissing));
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
}

TEST(Command, AStuckProgramIsNotBelievedForEver) {
    HandClock clock;
    const auto meter = probe_command({"/", {}, &clock}, "echo 3; sleep 60");
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter)["power"], 3'000'000);
    clock.pass_ms(31'000);
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
}

TEST(Command, ProgramsThatSayNothingOfUse) {
    EXPECT_EQ(probe_command({}, "").error().kind, ErrorKind::Invalid);
    for (const char* const program :
         {"true", "false", "echo hello", "there-is-no-such-program 2>/dev/null", "echo -5"}) {
        const auto meter = probe_command({}, program);
        ASSERT_FALSE(meter) << program;
        EXPECT_EQ(meter.error().kind, ErrorKind::Failed);
        EXPECT_THAT(meter.error().remedy, HasSubstr("12.3 W"));
    }
}

TEST(Command, AFloodOfGarbageIsBounded) {
    const auto meter = probe_command({}, "echo 3; head -c 30000000 /dev/zero; echo; echo 7; sleep 60");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_TRUE(comes_to(**meter, 7'000'000));
}

// The process ids that a program wrote, whether anybody of that number is still there.
bool is_alive(int pid) { return ::kill(pid, 0) == 0; }

TEST(ChildProcess, EndsWithItsWholeGroupEvenWhenItDoesNotListen) {
    const MachineTree folder;
    const std::string file = (folder.root() / "pids").string();
    int stubborn = 0;
    {
        const auto child = ChildProcess::start("trap '' TERM; (trap '' TERM; sleep 1000) & echo $! > " + file +
                                               ".new; mv " + file + ".new " + file + "; wait");
        ASSERT_TRUE(child);
        for (int i = 0; i < 1000 && stubborn == 0; ++i) {
            std::ifstream(file) >> stubborn;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        ASSERT_GT(stubborn, 0);
        EXPECT_TRUE(is_alive(stubborn));
    }
    // Whoever adopts orphans here may take a moment to bury it.
    bool gone = false;
    for (int i = 0; i < 200 && !gone; ++i) {
        std::ifstream status("/proc/" + std::to_string(stubborn) + "/stat");
        std::string text((std::istreambuf_iterator<char>(status)), std::istreambuf_iterator<char>());
        gone = text.empty() || text.find(") Z") != std::string::npos;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace landauer
