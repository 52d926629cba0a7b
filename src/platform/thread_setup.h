// What a helper thread needs from the operating system.
#pragma once

#include <memory>

namespace landauer {

// Names the calling thread as top and debuggers show it; at most 15 characters are kept
// by Linux, so a longer name is cut.
void name_this_thread(const char* name) noexcept;

// While this lives, the calling thread and threads it starts receive no signals: Ctrl-C
// goes to the main thread and never interrupts a read.
class SignalsBlocked {
   public:
    SignalsBlocked();
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    SignalsBlocked(SignalsBlocked&&) = delete;
    SignalsBlocked& operator=(SignalsBlocked&&) = delete;
    ~SignalsBlocked();

   private:
    struct Mask;
    std::unique_ptr<Mask> before_;
};

}  // namespace landauer
