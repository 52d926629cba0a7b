// libllama's log, kept instead of printed: the last lines explain what went wrong.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace landauer {

// Takes the log over; from then on libllama and ggml print nothing. Idempotent.
void capture_engine_log();

// Forgets the kept lines, so that recent_engine_errors() tells of what comes next.
void clear_engine_log();

// The last `n` lines of warning level and above since clear_engine_log(), joined by "; ".
[[nodiscard]] std::string recent_engine_errors(std::size_t n = 3);

// Keeps every line above debug level for as long as it lives: what libllama says nowhere else. One at a time.
class EngineLogTap {
   public:
    EngineLogTap();
    EngineLogTap(const EngineLogTap&) = delete;
    EngineLogTap& operator=(const EngineLogTap&) = delete;
    EngineLogTap(EngineLogTap&&) = delete;
    EngineLogTap& operator=(EngineLogTap&&) = delete;
    ~EngineLogTap();

    [[nodiscard]] std::vector<std::string> take();
};

}  // namespace landauer
