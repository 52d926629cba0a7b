#include "gguf/synth/weights.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "ggml.h"
#include "gguf/rope_factors.h"
#include "gguf/synth/block_recipes.h"
#include "gguf/synth/random.h"

namespace landauer {
namespace {

constexpr std::size_t kBlocksPerPiece = 8192;
constexpr std::size_t kValuesPerPiece = 1U << 18U;
constexpr double kNormSpread = 0.1;
constexpr double kBiasSpread = 0.02;

// Where the values of a tensor lie: center and standard deviation.
struct Spread {
    double center = 0.0;
    double deviation = 1.0;
};

Spread spread_of(const SynthTensor& tensor) {
    if (tensor.kind == WeightKind::norm) return {1.0, kNormSpread};
    if (tensor.kind == WeightKind::bias) return {0.0, kBiasSpread};
    return {0.0, 1.0 / std::sqrt(static_cast<double>(tensor.fan_in))};
}

// A random word as one of 65536 even steps round the center, of the given deviation. Rounded to float before
// the sum, so that no compiler fuses the two and makes other bytes.
float even_step(std::uint32_t word, const Spread& spread) {
    const double step = spread.deviation * std::sqrt(3.0) / 65536.0;
    const auto steps = static_cast<double>(2 * std::int64_t{word} - 65535);
    const auto away = static_cast<float>(steps * step);
    return static_cast<float>(spread.center) + away;
}

class FloatSource final : public WeightSource {
   public:
    FloatSource(Spread spread, std::uint64_t seed) : spread_(spread), random_(seed) {}

    void fill(std::span<std::byte> piece) override {
        for (std::size_t at = 0; at + sizeof(float) <= piece.size(); at += sizeof(float)) {
            const float value = even_step(static_cast<std::uint32_t>(random_.next() >> 48U), spread_);
            std::memcpy(piece.data() + at, &value, sizeof(value));
        }
    }
    [[nodiscard]] std::size_t piece_bytes() const override { return kValuesPerPiece * sizeof(float); }

   private:
    Spread spread_;
    RandomWords random_;
};

// f16 and bf16: each random 16 bits pick one of 65536 values made before.
class HalfSource final : public WeightSource {
   public:
    HalfSource(bool is_bf16, const Spread& spread, std::uint64_t seed) : random_(seed) {
        for (std::uint32_t word = 0; word < table_.size(); ++word) {
            const float value = even_step(word, spread);
            table_[word] = is_bf16 ? ggml_fp32_to_bf16(value).bits : ggml_fp32_to_fp16(value);
        }
    }

    void fill(std::span<std::byte> piece) override {
        random_.fill(piece);
        for (std::size_t at = 0; at + sizeof(std::uint16_t) <= piece.size(); at += sizeof(std::uint16_t)) {
            std::uint16_t word = 0;
            std::memcpy(&word, piece.data() + at, sizeof(word));
            std::memcpy(piece.data() + at, &table_[word], sizeof(word));
        }
    }
    [[nodiscard]] std::size_t piece_bytes() const override { return kValuesPerPiece * sizeof(std::uint16_t); }

   private:
    std::vector<std::uint16_t> table_ = std::vector<std::uint16_t>(1U << 16U);
    RandomWords random_;
};

class BlockSource final : public WeightSource {
   public:
    BlockSource(const BlockRecipe& recipe, const Spread& spread, std::uint64_t seed) : recipe_(recipe), random_(seed) {
        const double unit = spread.deviation / recipe.deviation;
        for (std::size_t i = 0; i < scales_.size(); ++i) {
            // From 0.775 to 1.225: block scales of real weights differ as well.
            const double d = unit * (static_cast<double>(775 + 30 * i) / 1000.0);
            scales_[i] = {ggml_fp32_to_fp16(static_cast<float>(d)),
                          ggml_fp32_to_fp16(static_cast<float>(d * recipe.offset))};
        }
    }

    void fill(std::span<std::byte> piece) override {
        random_.fill(piece);
        for (std::size_t at = 0; at + recipe_.bytes <= piece.size(); at += recipe_.bytes) settle(piece.data() + at);
    }
    [[nodiscard]] std::size_t piece_bytes() const override { return kBlocksPerPiece * recipe_.bytes; }

   private:
    void settle(std::byte* block) {
        const auto pick = std::to_integer<std::size_t>(block[recipe_.d_at]) % scales_.size();
        const auto [d, m] = scales_[pick];
        if (recipe_.settle != nullptr) recipe_.settle(block);
        std::memcpy(block + recipe_.d_at, &d, sizeof(d));
        if (recipe_.m_at > 0) std::memcpy(block + recipe_.m_at, &m, sizeof(m));
    }

    const BlockRecipe& recipe_;
    RandomWords random_;
    std::array<std::array<std::uint16_t, 2>, 16> scales_{};  // d and m of a block, one of sixteen
};

class RopeSource final : public WeightSource {
   public:
    explicit RopeSource(const LanguageShape& shape)
        : factors_(
              rope_factors(shape.head_dim(), static_cast<double>(shape.rope_base), {.factor = shape.rope_factor})) {}

    void fill(std::span<std::byte> piece) override { std::memcpy(piece.data(), factors_.data(), piece.size()); }
    [[nodiscard]] std::size_t piece_bytes() const override { return factors_.size() * sizeof(float); }

   private:
    std::vector<float> factors_;
};

}  // namespace

Result<std::unique_ptr<WeightSource>> open_weights(const SynthTensor& tensor, const LanguageShape& shape,
                                                   std::uint64_t seed) {
    const std::string& type = tensor.spec.type;
    const std::uint64_t own_seed = mixed_seed(seed, tensor.spec.name);
    const Spread spread = spread_of(tensor);
    if (tensor.kind == WeightKind::rope_factors) return std::make_unique<RopeSource>(shape);
    if (type == "f32") return std::make_unique<FloatSource>(spread, own_seed);
    if (type == "f16" || type == "bf16") return std::make_unique<HalfSource>(type == "bf16", spread, own_seed);
    if (const BlockRecipe* recipe = find_recipe(type); recipe != nullptr) {
        return std::make_unique<BlockSource>(*recipe, spread, own_seed);
    }
    return fail(ErrorKind::Invalid, fmt::format("Random weights of type {} cannot be made.", type),
                "Use f32, f16, bf16, q4_0 to q8_0 or q2_K to q6_K.");
}

}  // namespace landauer
