// A quantised matrix whose codes stay and whose scales are trained.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "compress/heal/block_scales.h"
#include "gguf/weights.h"
#include "tensor/matrix.h"

namespace landauer {

// Where the codes of one tensor are, and what its blocks have for scales.
class ScaledMatrix {
   public:
    // Absent: the tensor's type has no scales to train. Errors as WeightFile::read_rows().
    [[nodiscard]] static Result<ScaledMatrix> open(const WeightFile& file, const GgufTensor& tensor);

    [[nodiscard]] const BlockScales& place() const { return *place_; }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] const StoredScales& stored() const { return stored_; }
    void store(StoredScales scales) { stored_ = std::move(scales); }

    // Levels and shifts, read from the file again. The same for any number of threads.
    [[nodiscard]] Result<void> units(const WeightFile& file, std::size_t n_threads, UnitWeights& out) const;

    // The file's bytes with other scales.
    [[nodiscard]] Result<std::vector<std::byte>> with(const WeightFile& file, const StoredScales& scales) const;

   private:
    std::string tensor_;
    const BlockScales* place_ = nullptr;
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    StoredScales stored_;
};

// scale x level + offset x shift.
void scaled_weights(const BlockScales& place, const UnitWeights& units, const StoredScales& scales,
                    std::size_t n_threads, MatrixF& out);

// What the loss changes by with each scale and offset, from what it changes by with each weight (rows x columns).
void scale_gradients(const BlockScales& place, const UnitWeights& units, const MatrixF& d_weights, StoredScales& out);

}  // namespace landauer
