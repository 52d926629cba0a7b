#include "platform/thread_setup.h"

#include <pthread.h>

#include <array>
#include <csignal>
#include <cstring>

namespace landauer {

struct SignalsBlocked::Mask {
    sigset_t signals{};
};

void name_this_thread(const char* name) noexcept {
    std::array<char, 16> cut{};
    std::strncpy(cut.data(), name, cut.size() - 1);
#ifdef __APPLE__
    ::pthread_setname_np(cut.data());
#else
    ::pthread_setname_np(::pthread_self(), cut.data());
#endif
}

SignalsBlocked::SignalsBlocked() : before_(std::make_unique<Mask>()) {
    sigset_t blocked{};
    ::sigfillset(&blocked);
    // Faults of the thread itself are not blocked: they must stay visible.
    for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP}) {
        ::sigdelset(&blocked, fault);
    }
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before_->signals);
}

SignalsBlocked::~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_->signals, nullptr); }

}  // namespace landauer
