// What a piece of work needs at most, as the kernel counts it.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace landauer::bench {

// Runs `work` in a child; its peak resident set in bytes, below 0 when it failed.
inline double peak_rss_bytes(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(work());
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return -1.0;
    }
    return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

}  // namespace landauer::bench
