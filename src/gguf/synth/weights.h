// Random weights of any tensor type, made in their final form: the same bytes on every machine, at the speed
// of memory. Quantised ones are uniform over their levels, with block scales that give the wanted variance.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "gguf/synth/shape.h"
#include "gguf/synth/tensors.h"

namespace landauer {

class WeightSource {
   public:
    WeightSource() = default;
    WeightSource(const WeightSource&) = delete;
    WeightSource& operator=(const WeightSource&) = delete;
    WeightSource(WeightSource&&) = delete;
    WeightSource& operator=(WeightSource&&) = delete;
    virtual ~WeightSource() = default;

    // The tensor's next bytes. Every piece but the last is piece_bytes() long.
    virtual void fill(std::span<std::byte> piece) = 0;
    [[nodiscard]] virtual std::size_t piece_bytes() const = 0;
};

// The bytes depend on the seed and on the tensor's name, type and shape, and on nothing else.
// Invalid: a tensor type that cannot be made here.
[[nodiscard]] Result<std::unique_ptr<WeightSource>> open_weights(const SynthTensor& tensor, const LanguageShape& shape,
                                                                 std::uint64_t seed);

}  // namespace landauer
