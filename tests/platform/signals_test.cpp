#include "platform/signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "platform/thread_setup.h"

namespace landauer {
namespace {

// Each in a process of its own: handlers outlive a test.
TEST(SignalsDeathTest, TheFirstSetsTheFlagAndTheSecondEndsTheProgram) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        EXPECT_EXIT(
            {
                std::signal(SIGHUP, SIG_DFL);
                install_signal_handlers();
                const bool before = interrupt_requested();
                std::raise(signal);
                const bool after = interrupt_requested();
                clear_interrupt();
                std::exit(!before && after && !interrupt_requested() ? 0 : 1);
            },
            ::testing::ExitedWithCode(0), "");
        EXPECT_EXIT(
            {
                std::signal(SIGHUP, SIG_DFL);
                install_signal_handlers();
                std::raise(signal);
                std::raise(signal);
                std::exit(0);
            },
            ::testing::KilledBySignal(signal), "");
    }
}

TEST(SignalsDeathTest, AClosedPipeIsAFailedWrite) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            install_signal_handlers();
            std::raise(SIGPIPE);
            std::exit(0);
        },
        ::testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, WhatNohupIgnoresStaysIgnored) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            std::signal(SIGHUP, SIG_IGN);
            install_signal_handlers();
            std::raise(SIGHUP);
            std::exit(interrupt_requested() ? 1 : 0);
        },
        ::testing::ExitedWithCode(0), "");
}

TEST(ThreadSetup, ThreadsStartedWhileSignalsAreBlockedReceiveNone) {
    sigset_t inherited{};
    {
        const SignalsBlocked blocked;
        std::thread([&] {
            name_this_thread("a name that is longer than the kernel keeps");
            ::pthread_sigmask(SIG_BLOCK, nullptr, &inherited);
        }).join();
    }
    EXPECT_EQ(::sigismember(&inherited, SIGINT), 1);
    EXPECT_EQ(::sigismember(&inherited, SIGTERM), 1);
    EXPECT_EQ(::sigismember(&inherited, SIGSEGV), 0);
    sigset_t own{};
    ::pthread_sigmask(SIG_BLOCK, nullptr, &own);
    EXPECT_EQ(::sigismember(&own, SIGINT), 0) << "the caller's own mask comes back";
}

}  // namespace
}  // namespace landauer
