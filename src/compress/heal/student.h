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
#include <span>
#include <string>
#include <vector>

#include "compress/heal/parameters.h"
#include "compress/heal/teacher.h"
#include "compress/heal/trained_tensor.h"
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
    // Matrices with something to train, and of all blocks; two factors are one.
    [[nodiscard]] std::size_t n_trained() const { return n_trained_; }
    [[nodiscard]] std::size_t n_matrices() const { return n_matrices_; }

    // Mean of KL(teacher || student) over the lesson's tokens, in nats. `gradients`, unless nullptr, becomes what it
    // changes by with each parameter. The same for any number of threads.
    [[nodiscard]] Result<double> loss(const Teacher& teacher, const Lesson& lesson, Gradients* gradients) const;

    // Makes the parameters what a file keeps of them: channels taken into scales, scales rounded to halves, weights to
    // their types. Errors as encode_rows().
    Result<void> settle();

    // A tensor's bytes now; nothing: those of the file. Errors as TrainedTensor::bytes().
    [[nodiscard]] Result<std::optional<std::vector<std::byte>>> bytes_of(const GgufTensor& tensor) const;
    // A norm's gains now.
    [[nodiscard]] std::vector<float> attn_norm(std::size_t layer) const;
    [[nodiscard]] std::vector<float> ffn_norm(std::size_t layer) const;
    [[nodiscard]] std::vector<float> head_norm() const;

   private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    // A matrix of a block, or W = P [R ; T R].
    struct Matrix {
        std::vector<TrainedTensor> tensors;  // W; R and T; or none
        std::vector<std::int32_t> rows;      // of W, in the order of [R ; T R]; empty: W is whole
    };
    // Of one layer: what does not change, and what may.
    struct Layer {
        BlockWeights still;  // norms as in the file and biases, no matrices
        std::array<Matrix, kHealedParts.size()> matrices;
        std::size_t attn_norm = kNone;
        std::size_t ffn_norm = kNone;
    };
    // What a matrix's weights were made of.
    struct Made {
        std::array<UnitWeights, 2> units;
        std::array<MatrixF, 2> factors;
    };
    using LayerMade = std::array<Made, kHealedParts.size()>;
    struct Pass;

    Student(WeightFile file, DecoderShape shape, const StudentSettings& settings);
    Result<void> open_layer(std::size_t layer);
    Result<void> add_matrix(std::size_t layer, std::size_t part);
    Result<void> add_leverages(const Matrix& matrix, std::size_t first, std::size_t second);
    [[nodiscard]] Result<void> read_matrix(const Matrix& matrix, Made& made, MatrixF& into) const;
    std::size_t add_gains(std::string norm);
    [[nodiscard]] Result<BlockWeights> weights(std::size_t layer, LayerMade* made) const;
    [[nodiscard]] std::vector<float> gains(std::size_t parameter, const std::vector<float>& still) const;
    Result<void> forward(const Lesson& lesson, Pass& pass) const;
    Result<void> backward(const Lesson& lesson, Pass& pass, Gradients& gradients) const;
    void norm_gradients(const Layer& layer, const Pass& pass, Gradients& gradients) const;
    void matrix_gradients(const Layer& layer, const LayerMade& made, const Pass& pass, Gradients& gradients) const;
    void factor_gradients(const Matrix& matrix, const Made& made, std::span<const SeenProduct> products,
                          Gradients& gradients) const;

    std::shared_ptr<const WeightFile> file_;
    DecoderShape shape_;
    StudentSettings settings_;
    HeadWeights head_;
    std::size_t head_gain_ = kNone;
    std::vector<Layer> layers_;
    std::vector<Parameter> parameters_;
    std::size_t n_trained_ = 0;
    std::size_t n_matrices_ = 0;
};

}  // namespace landauer
