#include "engine/llama/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "engine/log.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

bool on_abort_poll(void* user) { return wants_abort(*static_cast<const EngineHooks*>(user)); }

// Codes of llama_decode: 1 no room in memory, 2 aborted, others are failures.
tl::unexpected<Error> decode_error(std::int32_t code) {
    if (code == 2) return interrupted("The trial was interrupted.");
    if (code == 1) {
        return fail(ErrorKind::Failed, "llama.cpp found no room for the next tokens in its context.",
                    "Ask for a larger context (-c), or fewer tokens.");
    }
    const std::string lines = recent_engine_errors();
    return fail(ErrorKind::Failed,
                fmt::format("llama.cpp failed to process tokens with code {}{}.", code,
                            lines.empty() ? "" : fmt::format(" ({})", lines)),
                "Run with -v for the whole log; a smaller -b or -ub needs less memory.");
}

}  // namespace

AbortGuard::AbortGuard(llama_context* context, const EngineHooks& hooks) : context_(context) {
    // Without a poll there is nothing to ask at every node of the graph.
    if (!hooks.abort) return;
    // libllama takes a plain pointer; the poll only reads through it.
    llama_set_abort_callback(context_, on_abort_poll, const_cast<EngineHooks*>(&hooks));
}

AbortGuard::~AbortGuard() { llama_set_abort_callback(context_, nullptr, nullptr); }

Result<void> decode(llama_context* context, std::span<Token> tokens) {
    std::int32_t code = 0;
    try {
        code = llama_decode(context, llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(tokens.size())));
    } catch (const std::exception&) {
        code = -3;
    }
    if (code != 0) return decode_error(code);
    return {};
}

Result<void> prefill(llama_context* context, std::span<Token> tokens, std::int32_t n_batch, const EngineHooks& hooks) {
    const std::size_t step = static_cast<std::size_t>(std::max(n_batch, 1));
    for (std::size_t at = 0; at < tokens.size(); at += step) {
        if (wants_abort(hooks)) return interrupted("The trial was interrupted.");
        const auto chunk = tokens.subspan(at, std::min(step, tokens.size() - at));
        if (auto done = decode(context, chunk); !done) return done;
        if (hooks.progress) {
            hooks.progress(PhaseKind::prefill,
                           static_cast<double>(at + chunk.size()) / static_cast<double>(tokens.size()));
        }
    }
    llama_synchronize(context);
    return {};
}

}  // namespace landauer
