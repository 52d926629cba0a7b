// A program of the user's that is started once and speaks through its standard output.
#pragma once

#include <landauer/error.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "platform/line_feed.h"

namespace landauer {

class ChildProcess {
   public:
    // Runs the command by /bin/sh in a process group of its own, without our standard input.
    [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> start(const std::string& command);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ChildProcess(ChildProcess&&) = delete;
    ChildProcess& operator=(ChildProcess&&) = delete;
    // Asks the whole group to end, and makes it after 200 ms.
    ~ChildProcess();

    // What it writes. Its end is the program's, or of its wish to speak.
    [[nodiscard]] LineFeed& output() noexcept { return output_; }

   private:
    ChildProcess(pid_t pid, int output) : pid_(pid), output_(LineFeed::adopt(output)) {}

    pid_t pid_;
    LineFeed output_;
};

}  // namespace landauer
