// Marks a phase's two edges once, with the same instant for the hook and for the record.
#pragma once

#include <cstdint>

#include "core/clock.h"
#include "engine/engine.h"

namespace landauer {

class PhaseTimer {
   public:
    PhaseTimer(const EngineHooks& hooks, PhaseKind kind) : hooks_(hooks) {
        record_.kind = kind;
        record_.begin_ns = system_clock().now_ns();
        if (hooks_.phase) hooks_.phase(kind, true, record_.begin_ns);
    }
    PhaseTimer(const PhaseTimer&) = delete;
    PhaseTimer& operator=(const PhaseTimer&) = delete;
    PhaseTimer(PhaseTimer&&) = delete;
    PhaseTimer& operator=(PhaseTimer&&) = delete;
    // A phase that was left by an error ends too, so that every begin has its end.
    ~PhaseTimer() {
        if (record_.end_ns == 0) end(0);
    }

    PhaseRecord end(std::int64_t n_tokens) {
        record_.end_ns = system_clock().now_ns();
        record_.n_tokens = n_tokens;
        if (hooks_.phase) hooks_.phase(record_.kind, false, record_.end_ns);
        return record_;
    }

   private:
    const EngineHooks& hooks_;
    PhaseRecord record_;
};

[[nodiscard]] inline bool wants_abort(const EngineHooks& hooks) { return hooks.abort && hooks.abort(); }

[[nodiscard]] inline tl::unexpected<Error> interrupted(std::string sentence) {
    return fail(ErrorKind::Interrupted, std::move(sentence), "");
}

}  // namespace landauer
