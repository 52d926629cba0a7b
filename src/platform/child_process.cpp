#include "platform/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

namespace landauer {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(200);

// What the child begins with: our standard error, no input, its output into `pipe`, default signals.
class SpawnSetup {
   public:
    explicit SpawnSetup(int pipe) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, pipe, STDOUT_FILENO);
        posix_spawnattr_init(&attributes_);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    SpawnSetup(SpawnSetup&&) = delete;
    SpawnSetup& operator=(SpawnSetup&&) = delete;
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    int run(std::string command, pid_t& pid) {
        std::string shell = "sh";
        std::string option = "-c";
        const std::array<char*, 4> words = {shell.data(), option.data(), command.data(), nullptr};
        return posix_spawn(&pid, "/bin/sh", &actions_, &attributes_, words.data(), ::environ);
    }

   private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

bool has_ended(pid_t pid) noexcept { return ::waitpid(pid, nullptr, WNOHANG) != 0; }

Error not_started(const std::string& command, int error_number) {
    return {ErrorKind::Failed,
            fmt::format("'{}' could not be started: {}.", command, std::generic_category().message(error_number)),
            "Check that there is a /bin/sh and that few enough processes run."};
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::string& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return tl::unexpected(not_started(command, errno));
    }
    pid_t pid = 0;
    const int status = SpawnSetup(ends[1]).run(command, pid);
    ::close(ends[1]);
    if (status != 0) {
        ::close(ends[0]);
        return tl::unexpected(not_started(command, status));
    }
    return std::unique_ptr<ChildProcess>(new ChildProcess(pid, ends[0]));
}

ChildProcess::~ChildProcess() {
    ::kill(-pid_, SIGTERM);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    bool ended = has_ended(pid_);
    while (!ended && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ended = has_ended(pid_);
    }
    // The group outlives the shell when one of its programs did not listen.
    ::kill(-pid_, SIGKILL);
    if (!ended) {
        ::waitpid(pid_, nullptr, 0);
    }
}

}  // namespace landauer
