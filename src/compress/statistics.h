// What compression knows of a model: second moments of what goes into its matrices and of the gradients that come back.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// Of one block. y = W x with W out x in, as the weights lie in the file: norm gains are part of x.
struct LayerStatistics {
    // Uncentred second moments E[x x^T] of the inputs, in x in.
    MatrixD attn_in;   // of q, k and v
    MatrixD attn_out;  // of o
    MatrixD ffn_in;    // of gate and up
    MatrixD ffn_down;  // of down
    // E[d d^T], out x out: d is the gradient, at the output of the matrix, of the cross-entropy summed over all
    // positions of a window, with labels drawn from the model itself (the Fisher metric). Of the residual stream for o
    // and down.
    MatrixD grad_o;
    MatrixD grad_down;
    // Empty where only stock shapes were asked for.
    MatrixD grad_q;
    MatrixD grad_k;
    MatrixD grad_v;
    MatrixD grad_gate;
    MatrixD grad_up;
    double attn_influence = 0.0;  // 1 - E cos(stream before, stream after) of the attention, and of the FFN
    double ffn_influence = 0.0;
};

struct StatisticsInfo {
    std::string model_sha256;  // of the model's file
    std::string text_sha256;   // of the windows' tokens
    std::int64_t n_layer = 0;
    std::int64_t n_tokens = 0;           // behind the input moments
    std::int64_t n_gradient_tokens = 0;  // behind the gradients
    std::int64_t n_text_tokens = 0;      // of n_tokens, from the user's text; the rest the model wrote itself
    std::uint64_t seed = 0;
    bool all_gradients = false;  // grad_q .. grad_up are there
};

// A file of them: GGUF with packed triangles in f32, so that what reads models reads it too.
class StatisticsFile {
   public:
    // Invalid: no such file, or not of this kind; from the future; cut short.
    [[nodiscard]] static Result<StatisticsFile> open(const std::filesystem::path& file);
    StatisticsFile(StatisticsFile&& other) noexcept;
    StatisticsFile& operator=(StatisticsFile&& other) noexcept;
    StatisticsFile(const StatisticsFile&) = delete;
    StatisticsFile& operator=(const StatisticsFile&) = delete;
    ~StatisticsFile();

    [[nodiscard]] const StatisticsInfo& info() const;
    [[nodiscard]] Result<LayerStatistics> layer(std::size_t index) const;

   private:
    struct State;
    explicit StatisticsFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace landauer
