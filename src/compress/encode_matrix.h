// A matrix's numbers as the bytes of a type, with the least harm to what goes through it.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "compress/methods/error_feedback.h"
#include "tensor/matrix.h"

namespace landauer {

// weights: out x in; c: in x in, the second moments of its inputs. By error feedback in the types that it writes, by
// ggml's own rounding under the moments' diagonal in the others, or where nothing ever came in. Errors as
// quantise_fed_back() and encode_rows().
[[nodiscard]] Result<std::vector<std::byte>> encode_matrix(const std::string& type, const MatrixF& weights,
                                                           const MatrixD& c, const FeedbackSettings& settings);

// How errors are fed back into a part of a block ("attn_v").
[[nodiscard]] FeedbackSettings feedback_settings(std::string_view part, std::size_t n_threads);

// The rows and columns `picked` of a symmetric matrix.
[[nodiscard]] MatrixD part_of(const MatrixD& symmetric, const std::vector<std::size_t>& picked);

}  // namespace landauer
