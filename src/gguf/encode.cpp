#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gguf/types.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

// The types that ggml_quantize_chunk() writes; it aborts on any other.
constexpr std::array kWritable = {
    GGML_TYPE_F32,   GGML_TYPE_F16,     GGML_TYPE_BF16,   GGML_TYPE_Q1_0,    GGML_TYPE_Q2_0,  GGML_TYPE_Q4_0,
    GGML_TYPE_Q4_1,  GGML_TYPE_Q5_0,    GGML_TYPE_Q5_1,   GGML_TYPE_Q8_0,    GGML_TYPE_MXFP4, GGML_TYPE_NVFP4,
    GGML_TYPE_Q2_K,  GGML_TYPE_Q3_K,    GGML_TYPE_Q4_K,   GGML_TYPE_Q5_K,    GGML_TYPE_Q6_K,  GGML_TYPE_TQ1_0,
    GGML_TYPE_TQ2_0, GGML_TYPE_IQ2_XXS, GGML_TYPE_IQ2_XS, GGML_TYPE_IQ3_XXS, GGML_TYPE_IQ3_S, GGML_TYPE_IQ2_S,
    GGML_TYPE_IQ1_S, GGML_TYPE_IQ1_M,   GGML_TYPE_IQ4_NL, GGML_TYPE_IQ4_XS,
};

bool all_finite(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

bool is_importance(std::span<const float> weights) {
    return all_finite(weights) && std::all_of(weights.begin(), weights.end(), [](float w) { return w >= 0.0F; });
}

tl::unexpected<Error> invalid(std::string sentence, std::string remedy) {
    return fail(ErrorKind::Invalid, std::move(sentence), std::move(remedy));
}

}  // namespace

Result<void> encode_rows(const std::string& type, std::span<const float> values, std::uint64_t n_columns,
                         std::span<const float> importance, std::span<std::byte> into) {
    const auto known = tensor_type(type);
    if (!known || std::find(kWritable.begin(), kWritable.end(), *known) == kWritable.end()) {
        return invalid(fmt::format("Weights cannot be written as {}.", type), "Use f32, f16, q8_0, q4_K or the like.");
    }
    const std::uint64_t bytes = row_bytes(type, n_columns);
    if (bytes == 0 || values.size() % n_columns != 0) {
        return invalid(fmt::format("Rows of {} values do not fit the blocks of {}.", n_columns, type),
                       fmt::format("Use rows of a multiple of {} values.", ggml_blck_size(*known)));
    }
    const std::uint64_t n_rows = values.size() / n_columns;
    if (into.size() != n_rows * bytes || (!importance.empty() && importance.size() != n_columns)) {
        return fail(ErrorKind::Bug, fmt::format("Rows of {} were encoded into a place of another size.", type),
                    "Give as many bytes as the rows take, and as many weights as they have columns.");
    }
    if (importance.empty() && ggml_quantize_requires_imatrix(*known)) {
        return invalid(fmt::format("Weights cannot be written as {} without an importance matrix.", type),
                       "Give one, or use a larger type.");
    }
    if (!all_finite(values)) {
        return invalid(fmt::format("A weight that is not a number cannot be written as {}.", type),
                       "The weights are damaged: start again from the original model.");
    }
    if (!is_importance(importance)) {
        return invalid("An importance is negative or not a number.", "Collect the statistics again.");
    }
    if (n_rows == 0) return {};
    ggml_quantize_chunk(*known, values.data(), into.data(), 0, static_cast<std::int64_t>(n_rows),
                        static_cast<std::int64_t>(n_columns), importance.empty() ? nullptr : importance.data());
    return {};
}

}  // namespace landauer
