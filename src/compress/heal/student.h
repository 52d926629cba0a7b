// The model that is healed: its codes in the file, its scales, gains and floats as parameters, and how far it is from
// the teacher.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "compress/heal/parameters.h"
#include "compress/heal/scaled_matrix.h"
#include "compress/heal/teacher.h"
#include "engine/windows.h"
#include "grad/decoder.h"
#include "grad/head.h"

namespace landauer {

// A batch: windows of tokens, and the teacher's streams at them.
struct Lesson {
    std::vector<const TokenWindow*> windows;
    std::vector<const MatrixF*> streams;
    [[nodiscard]] std::size_t n_tokens() const;
};

struct StudentSettings {
    Trained trained = Trained::Scales;
    std::size_t n_threads = 1;
    std::uint64_t tape_bytes = std::uint64_t{1} << 30U;  // that the forward pass may leave; beyond, layers run again
};

class Student {
   public:
    // Errors as decoder_shape() and WeightFile.
    [[nodiscard]] static Result<Student> open(const std::filesystem::path& model, const StudentSettings& settings);

    [[nodiscard]] const DecoderShape& shape() const { return shape_; }
    [[nodiscard]] const WeightFile& file() const { return *file_; }
    [[nodiscard]] std::vector<Parameter>& parameters() { return parameters_; }
    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
    [[nodiscard]] std::size_t n_trained() const { return n_trained_; }    // matrices with something to train
    [[nodiscard]] std::size_t n_matrices() const { return n_matrices_; }  // of all blocks

    // Mean of KL(teacher || student) over the lesson's tokens, in nats. `gradients`, unless nullptr, becomes what it
    // changes by with each parameter. The same for any number of threads.
    [[nodiscard]] Result<double> loss(const Teacher& teacher, const Lesson& lesson, Gradients* gradients) const;

    // Makes the parameters what a file keeps of them: channels taken into scales, scales rounded to halves, weights to
    // their types. Errors as encode_rows().
    Result<void> settle();

    // What a tensor's blocks have for scales now, channels taken in; nothing: its bytes do not change.
    [[nodiscard]] std::optional<StoredScales> scales_of(std::size_t layer, std::size_t part) const;
    // What a tensor's values are now; nothing: they are not trained, or by their scales alone. Errors as
    // WeightFile::read().
    [[nodiscard]] Result<std::optional<MatrixF>> values_of(std::size_t layer, std::size_t part) const;
    // A norm's gains now.
    [[nodiscard]] std::vector<float> attn_norm(std::size_t layer) const;
    [[nodiscard]] std::vector<float> ffn_norm(std::size_t layer) const;
    [[nodiscard]] std::vector<float> head_norm() const;
    [[nodiscard]] const std::optional<ScaledMatrix>& matrix(std::size_t layer, std::size_t part) const {
        return layers_[layer].matrices[part];
    }

   private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    // Of one layer: what does not change, and where its parameters are.
    struct Layer {
        BlockWeights still;  // norms as in the file and biases, no matrices
        std::array<std::optional<ScaledMatrix>, kHealedParts.size()> matrices;
        std::array<std::size_t, kHealedParts.size()> channels{};
        std::array<std::size_t, kHealedParts.size()> scales{};
        std::array<std::size_t, kHealedParts.size()> offsets{};
        std::array<std::size_t, kHealedParts.size()> values{};
        std::array<std::size_t, kHealedParts.size()> update_a{};
        std::array<std::size_t, kHealedParts.size()> update_b{};
        std::size_t attn_norm = kNone;
        std::size_t ffn_norm = kNone;
    };
    struct Pass;
    using LayerUnits = std::array<UnitWeights, kHealedParts.size()>;

    Student(WeightFile file, DecoderShape shape, const StudentSettings& settings);
    Result<void> open_layer(std::size_t layer);
    Result<void> add_matrix(std::size_t layer, std::size_t part);
    Result<void> add_floats(const GgufTensor& tensor, std::size_t layer, std::size_t part);
    void settle_scales(std::size_t layer, std::size_t part);
    Result<void> read_matrix(const GgufTensor& tensor, MatrixF& into) const;
    std::size_t add_parameter(std::string tensor, ParameterKind kind, MatrixF values);
    std::size_t add_factors(std::string tensor, ParameterKind kind, std::size_t n);
    [[nodiscard]] Result<BlockWeights> weights(std::size_t layer, LayerUnits* units) const;
    [[nodiscard]] std::vector<float> gains(std::size_t parameter, const std::vector<float>& still) const;
    Result<void> forward(const Lesson& lesson, Pass& pass) const;
    Result<void> backward(const Lesson& lesson, Pass& pass, Gradients& gradients) const;
    void norm_gradients(const Layer& layer, const Pass& pass, Gradients& gradients) const;
    void update_gradients(const Layer& layer, std::size_t part, const Pass& pass, Gradients& gradients) const;
    void matrix_gradients(const Layer& layer, const LayerUnits& units, const Pass& pass, Gradients& gradients) const;

    std::shared_ptr<const WeightFile> file_;
    DecoderShape shape_;
    StudentSettings settings_;
    HeadWeights head_;
    std::size_t head_gain_ = kNone;
    std::vector<Layer> layers_;
    std::vector<Parameter> parameters_;
    std::size_t n_trained_ = 0;
    bool settled_ = false;
    std::size_t n_matrices_ = 0;
};

}  // namespace landauer
