#include "platform/signals.h"

#include <atomic>
#include <csignal>

namespace landauer {
namespace {

std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

extern "C" void landauer_note_signal(int /*signal*/) { requested.store(true); }

}  // namespace

void install_signal_handlers() noexcept {
    struct sigaction note{};
    note.sa_handler = landauer_note_signal;
    // Not SA_RESTART: a read from a slow terminal or pipe should return and see the flag.
    note.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&note.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before{};
        ::sigaction(signal, nullptr, &before);
        if (before.sa_handler != SIG_IGN) {  // nohup and background jobs keep what their shell chose
            ::sigaction(signal, &note, nullptr);
        }
    }
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigemptyset(&ignore.sa_mask);
    ::sigaction(SIGPIPE, &ignore, nullptr);
}

bool interrupt_requested() noexcept { return requested.load(std::memory_order_relaxed); }

void clear_interrupt() noexcept { requested.store(false); }

}  // namespace landauer
