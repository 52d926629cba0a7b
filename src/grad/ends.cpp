#include <fmt/format.h>

#include "grad/head.h"

namespace landauer {

Result<MatrixF> read_embeddings(const WeightFile& file, const DecoderShape& shape,
                                std::span<const std::int32_t> tokens) {
    MatrixF stream(tokens.size(), shape.n_embd);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        if (tokens[t] < 0 || static_cast<std::size_t>(tokens[t]) >= shape.n_vocab) {
            return fail(ErrorKind::Invalid,
                        fmt::format("Token {} is beyond the vocabulary of {} tokens.", tokens[t], shape.n_vocab),
                        "Tokenise the text with the model's own vocabulary.");
        }
        const auto first = static_cast<std::uint64_t>(tokens[t]) * shape.n_embd;
        if (auto good = file.read("token_embd.weight", first, stream.row(t)); !good) {
            return tl::unexpected(good.error());
        }
    }
    return stream;
}

Result<HeadWeights> read_head(const WeightFile& file, const DecoderShape& shape) {
    HeadWeights head;
    head.rms_eps = shape.rms_eps;
    auto norm = file.read("output_norm.weight");
    if (!norm) return tl::unexpected(norm.error());
    head.norm = std::move(*norm);
    head.matrix = MatrixF(shape.n_vocab, shape.n_embd);
    const char* name = shape.tied_head ? "token_embd.weight" : "output.weight";
    if (auto good = file.read(name, 0, head.matrix.values()); !good) return tl::unexpected(good.error());
    return head;
}

}  // namespace landauer
