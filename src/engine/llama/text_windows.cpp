#include <fmt/format.h>

#include <algorithm>

#include "engine/llama/load.h"
#include "engine/llama/text.h"
#include "engine/llama/vocabulary_match.h"
#include "engine/windows.h"

namespace landauer {
namespace {

constexpr std::size_t kLeastTokens = 16;  // less is no text to learn anything from

}  // namespace

Result<std::vector<TokenWindow>> text_windows(const std::filesystem::path& model, const std::string& text,
                                              std::int32_t n_windows, std::int32_t n_tokens) {
    start_backend();
    auto vocabulary = load_vocabulary(model);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    const llama_vocab* vocab = llama_model_get_vocab(vocabulary->get());
    auto tokens = to_tokens(vocab, text, false, false);
    if (!tokens) return tl::unexpected(tokens.error());
    const bool begins = llama_vocab_get_add_bos(vocab);
    const std::size_t own = static_cast<std::size_t>(std::max(n_tokens, 2)) - (begins ? 1 : 0);
    if (tokens->size() < kLeastTokens) {
        return fail(ErrorKind::Invalid, fmt::format("The text has only {} tokens.", tokens->size()),
                    "Use a text of some thousand words; a few pages are enough.");
    }
    const std::size_t there = std::max<std::size_t>(tokens->size() / own, 1);
    const std::size_t wanted = n_windows < 0 ? there : std::min(there, static_cast<std::size_t>(n_windows));
    std::vector<TokenWindow> windows;
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t first = i * there / wanted * own;
        const std::size_t last = std::min(first + own, tokens->size());
        TokenWindow window;
        if (begins) window.push_back(llama_vocab_bos(vocab));
        window.insert(window.end(), tokens->begin() + static_cast<std::ptrdiff_t>(first),
                      tokens->begin() + static_cast<std::ptrdiff_t>(last));
        windows.push_back(std::move(window));
    }
    return windows;
}

Result<void> check_same_vocabulary(const std::filesystem::path& base, const std::filesystem::path& other) {
    start_backend();
    const auto first = load_vocabulary(base);
    if (!first) return tl::unexpected(first.error());
    const auto second = load_vocabulary(other);
    if (!second) return tl::unexpected(second.error());
    return check_same_vocabulary(llama_model_get_vocab(first->get()), llama_model_get_vocab(second->get()), base,
                                 other);
}

}  // namespace landauer
