#include "engine/llama/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <numeric>
#include <vector>

#include "engine/log.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

bool on_abort_poll(void* user) { return wants_abort(*static_cast<const EngineHooks*>(user)); }

Result<void> decode_batch(llama_context* context, const llama_batch& batch) {
    std::int32_t code = 0;
    try {
        code = llama_decode(context, batch);
    } catch (const std::exception&) {
        code = -3;
    }
    if (code != 0) return tl::unexpected(decode_error(code));
    return {};
}

}  // namespace

// Codes of llama_decode: 1 no room in memory, 2 aborted, others are failures.
Error decode_error(std::int32_t code) {
    if (code == 2) return {ErrorKind::Interrupted, "The trial was interrupted.", ""};
    if (code == 1) {
        return {ErrorKind::Failed, "llama.cpp found no room for the next tokens in its context.",
                "Ask for a larger context (-c), or fewer tokens."};
    }
    const std::string lines = recent_engine_errors();
    return {ErrorKind::Failed,
            fmt::format("llama.cpp failed to process tokens with code {}{}.", code,
                        lines.empty() ? "" : fmt::format(" ({})", lines)),
            "Run with -v for the whole log; a smaller -b or -ub needs less memory."};
}

AbortGuard::AbortGuard(llama_context* context, const EngineHooks& hooks) : context_(context) {
    // Without a poll there is nothing to ask at every node of the graph.
    if (!hooks.abort) return;
    // libllama takes a plain pointer; the poll only reads through it.
    llama_set_abort_callback(context_, on_abort_poll, const_cast<EngineHooks*>(&hooks));
}

AbortGuard::~AbortGuard() { llama_set_abort_callback(context_, nullptr, nullptr); }

Result<void> decode(llama_context* context, std::span<Token> tokens) {
    return decode_batch(context, llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(tokens.size())));
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

Result<void> prefill_piece(llama_context* context, std::span<const Token> tokens, llama_pos first, bool logits,
                           std::int32_t n_batch, const EngineHooks& hooks) {
    std::vector<Token> copy(tokens.begin(), tokens.end());  // libllama wants to be able to write
    std::vector<llama_pos> positions(copy.size());
    std::iota(positions.begin(), positions.end(), first);
    std::vector<std::int8_t> wanted(copy.size(), 0);
    if (logits && !wanted.empty()) wanted.back() = 1;
    const std::size_t step = static_cast<std::size_t>(std::max(n_batch, 1));
    for (std::size_t at = 0; at < copy.size(); at += step) {
        if (wants_abort(hooks)) return interrupted("The trial was interrupted.");
        const std::size_t n = std::min(step, copy.size() - at);
        llama_batch batch = llama_batch_get_one(copy.data() + at, static_cast<std::int32_t>(n));
        batch.pos = positions.data() + at;
        batch.logits = wanted.data() + at;
        if (auto done = decode_batch(context, batch); !done) return done;
    }
    llama_synchronize(context);
    return {};
}

Result<void> prefill_embeddings(llama_context* context, std::span<float> embeddings, std::size_t width,
                                const Positions& positions, std::int32_t n_batch) {
    const std::size_t n_all = embeddings.size() / width;
    const std::size_t step = static_cast<std::size_t>(std::max(n_batch, 1));
    std::vector<std::int8_t> unwanted(std::min(step, n_all), 0);
    std::vector<llama_pos> part;
    for (std::size_t at = 0; at < n_all; at += step) {
        const std::size_t n = std::min(step, n_all - at);
        part.clear();
        for (const std::vector<llama_pos>& section : positions) {
            const auto begin = section.begin() + static_cast<std::ptrdiff_t>(at);
            part.insert(part.end(), begin, begin + static_cast<std::ptrdiff_t>(n));
        }
        llama_batch batch{};
        batch.n_tokens = static_cast<std::int32_t>(n);
        batch.embd = embeddings.data() + at * width;
        batch.pos = part.data();
        batch.logits = unwanted.data();
        if (auto done = decode_batch(context, batch); !done) return done;
    }
    llama_synchronize(context);
    return {};
}

}  // namespace landauer
