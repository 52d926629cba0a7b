// Ctrl-C and its relatives as a flag that the program polls.
#pragma once

namespace landauer {

// SIGINT, SIGTERM and SIGHUP set the flag, and a second one ends the program at once (the
// store survives it). SIGPIPE is ignored, so that a closed pipe is a failed write.
void install_signal_handlers() noexcept;

[[nodiscard]] bool interrupt_requested() noexcept;

// Forgets a request, for programs that go on after an interrupted measurement.
void clear_interrupt() noexcept;

}  // namespace landauer
