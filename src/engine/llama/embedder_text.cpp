#include "engine/llama/embedder_text.h"

#include <algorithm>
#include <cstddef>

#include "engine/llama/sentences.h"
#include "engine/llama/text.h"

namespace landauer {
namespace {

// A special token's name in an answer is a word like any other, hence parse_special false throughout.
Result<std::vector<Token>> with_special(const llama_vocab* vocab, const std::string& text) {
    return to_tokens(vocab, text, true, false);
}

// One sentence alone is too long: its first tokens, between the special ones that frame every text.
Result<std::vector<Token>> first_tokens(const llama_vocab* vocab, const std::string& sentence, std::size_t n_ctx) {
    auto framed = with_special(vocab, sentence);
    auto plain = to_tokens(vocab, sentence, false, false);
    if (!framed) return framed;
    if (!plain) return plain;
    const std::size_t n_frame = framed->size() - std::min(framed->size(), plain->size());
    const auto inner = std::search(framed->begin(), framed->end(), plain->begin(), plain->end());
    const auto n_before = static_cast<std::size_t>(inner - framed->begin());
    if (n_before > n_frame || n_frame >= n_ctx) {
        framed->resize(n_ctx);
        return framed;
    }
    const auto kept = static_cast<std::ptrdiff_t>(n_before + n_ctx - n_frame);
    const auto end = static_cast<std::ptrdiff_t>(n_before + plain->size());
    framed->erase(framed->begin() + kept, framed->begin() + end);
    return framed;
}

}  // namespace

Result<EmbedderText> embedder_text(const llama_vocab* vocab, const std::string& text, std::int32_t n_ctx) {
    const auto most = static_cast<std::size_t>(std::max(n_ctx, 1));
    const auto frame = with_special(vocab, "");
    if (!frame) return tl::unexpected(frame.error());
    auto whole = with_special(vocab, text);
    if (!whole) return tl::unexpected(whole.error());
    if (whole->size() <= frame->size()) return EmbedderText{};
    if (whole->size() <= most) return EmbedderText{std::move(*whole), 0};

    const std::vector<std::size_t> ends = sentence_ends(text);
    std::size_t kept = 0;
    std::size_t too_many = ends.size();
    std::vector<Token> tokens;
    while (kept + 1 < too_many) {  // the first `kept` sentences fit, the first `too_many` do not
        const std::size_t n = kept + (too_many - kept) / 2;
        auto part = with_special(vocab, text.substr(0, ends[n - 1]));
        if (!part) return tl::unexpected(part.error());
        if (part->size() <= most) {
            kept = n;
            tokens = std::move(*part);
        } else {
            too_many = n;
        }
    }
    if (kept == 0) {
        auto cut = first_tokens(vocab, ends.empty() ? text : text.substr(0, ends.front()), most);
        if (!cut) return tl::unexpected(cut.error());
        tokens = std::move(*cut);
    }
    const std::size_t left_out = std::max<std::size_t>(ends.size(), 1) - kept;
    return EmbedderText{std::move(tokens), static_cast<int>(left_out)};
}

}  // namespace landauer
