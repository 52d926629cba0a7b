#include "engine/llama/embedder_checks.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "engine/llama/checks.h"
#include "ggml.h"

namespace landauer {
namespace {

constexpr std::array<std::pair<std::string_view, PoolingType>, 3> kPoolings = {{
    {"mean", LLAMA_POOLING_TYPE_MEAN},
    {"cls", LLAMA_POOLING_TYPE_CLS},
    {"last", LLAMA_POOLING_TYPE_LAST},
}};

tl::unexpected<Error> no_embedder(const GgufSummary& summary, std::string_view why) {
    return fail(ErrorKind::Invalid, fmt::format("{} is no sentence embedder: {}.", summary.path.string(), why),
                "Use an embedding model as GGUF, for example all-MiniLM-L6-v2; where its file does not say how tokens "
                "are pooled, ask for mean, cls or last pooling.");
}

Result<PoolingType> stated_pooling(const GgufSummary& summary) {
    const auto stated = summary.metadata.find(summary.architecture + ".pooling_type");
    if (stated == summary.metadata.end()) return no_embedder(summary, "its header names no pooling of its tokens");
    for (const auto& [name, type] : kPoolings) {
        if (stated->second == std::to_string(static_cast<int>(type))) return type;
    }
    if (stated->second == std::to_string(static_cast<int>(LLAMA_POOLING_TYPE_RANK))) {
        return no_embedder(summary, "it is a reranker, which gives pairs of texts a score");
    }
    return no_embedder(summary, fmt::format("its header says pooling {}, which makes no vector of a text",
                                            stated->second));
}

}  // namespace

std::string pooling_name(PoolingType pooling) {
    for (const auto& [name, type] : kPoolings) {
        if (type == pooling) return std::string(name);
    }
    return {};
}

Result<PoolingType> check_embedder(const GgufSummary& summary, const EmbedderSettings& settings) {
    if (settings.n_threads < 1 || settings.n_threads > GGML_MAX_N_THREADS) {
        return fail(ErrorKind::Invalid, fmt::format("{} threads cannot be used.", settings.n_threads),
                    fmt::format("Ask for 1 to {} threads.", GGML_MAX_N_THREADS));
    }
    if (summary.architecture == "clip") return no_embedder(summary, "it is a vision projector");
    if (auto sane = check_plausible(summary); !sane) return tl::unexpected(sane.error());
    if (settings.pooling.empty()) return stated_pooling(summary);
    for (const auto& [name, type] : kPoolings) {
        if (settings.pooling == name) return type;
    }
    return fail(ErrorKind::Invalid, fmt::format("The pooling \"{}\" is not known.", settings.pooling),
                "Use mean, cls or last, or leave it out for the model's own.");
}

}  // namespace landauer
