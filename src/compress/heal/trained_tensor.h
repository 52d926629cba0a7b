// One tensor that healing trains: by its blocks' scales, by its values, by an update of low rank, or not at all.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "compress/heal/parameters.h"
#include "compress/heal/scaled_matrix.h"
#include "gguf/weights.h"
#include "tensor/matrix.h"

namespace landauer {

// A product y = M x: what went into it and what the loss changes by with what came out; rows are positions.
struct SeenProduct {
    const MatrixF* input = nullptr;
    const MatrixF* d_output = nullptr;
};

class TrainedTensor {
   public:
    // Its parameters are added to `parameters`, where the other functions expect them. `file` outlives it. Errors as
    // WeightFile::read().
    [[nodiscard]] static Result<TrainedTensor> open(const WeightFile& file, const GgufTensor& tensor, Trained how,
                                                    std::vector<Parameter>& parameters);

    [[nodiscard]] const GgufTensor& tensor() const { return *tensor_; }
    [[nodiscard]] bool is_trained() const { return matrix_ || values_ != kNone || update_a_ != kNone; }

    // Its values now, rows x columns; `units` are those of scales, for add_gradients(). Errors as WeightFile::read().
    [[nodiscard]] Result<void> read(const WeightFile& file, const std::vector<Parameter>& parameters,
                                    std::size_t n_threads, UnitWeights& units, MatrixF& out) const;

    // Adds what the loss changes by with each of its parameters, by way of these products.
    void add_gradients(const std::vector<Parameter>& parameters, const UnitWeights& units,
                       std::span<const SeenProduct> products, Gradients& gradients) const;

    // Makes its parameters what a file keeps of them. Errors as encode_rows().
    [[nodiscard]] Result<void> settle(std::vector<Parameter>& parameters);

    // Its bytes now; nothing: those of the file. Errors as read(); Failed: a scale that no half holds.
    [[nodiscard]] Result<std::optional<std::vector<std::byte>>> bytes(const WeightFile& file,
                                                                      const std::vector<Parameter>& parameters) const;

   private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    [[nodiscard]] Result<void> open_scales(const WeightFile& file, Trained how, std::vector<Parameter>& parameters);
    [[nodiscard]] Result<void> open_floats(const WeightFile& file, Trained how, std::vector<Parameter>& parameters);
    [[nodiscard]] Result<MatrixF> stored(const WeightFile& file) const;
    [[nodiscard]] Result<std::optional<MatrixF>> floats(const WeightFile& file,
                                                        const std::vector<Parameter>& parameters) const;
    [[nodiscard]] StoredScales scales(const ScaledMatrix& matrix, const std::vector<Parameter>& parameters) const;
    void settle_scales(ScaledMatrix& matrix, std::vector<Parameter>& parameters) const;
    void add_update_gradients(const std::vector<Parameter>& parameters, std::span<const SeenProduct> products,
                              Gradients& gradients) const;

    const GgufTensor* tensor_ = nullptr;
    std::optional<ScaledMatrix> matrix_;
    // Where its parameters are.
    std::size_t channels_ = kNone;
    std::size_t scales_ = kNone;
    std::size_t offsets_ = kNone;
    std::size_t values_ = kNone;
    std::size_t update_a_ = kNone;
    std::size_t update_b_ = kNone;
    bool settled_ = false;
};

}  // namespace landauer
