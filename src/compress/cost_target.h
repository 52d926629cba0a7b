// How much faster, or cheaper in joules, the smaller model is to be, and what an allocation pays in to get there.
#pragma once

#include <landauer/error.h>

#include <functional>
#include <string>
#include <vector>

#include "compress/allocate.h"
#include "compress/model_cost.h"
#include "compress/pipeline.h"

namespace landauer {

enum class TargetKind { Decode, Prefill, Prompt, Joules };

struct CostTarget {
    TargetKind kind = TargetKind::Decode;
    double left = 1.0;  // of the base's seconds or joules: 1/1.5 for 1.5x, 0.7 for -30%
    [[nodiscard]] double speedup() const { return 1.0 / left; }
};

// "decode:1.5x", "prefill:-25%", "prompt:1.3x", "joules:-30%". Invalid: anything else, and what is not less than now.
[[nodiscard]] Result<CostTarget> read_cost_target(const std::string& word);
// "512:128". Invalid: anything else.
[[nodiscard]] Result<PromptMix> read_mix(const std::string& word);

[[nodiscard]] std::string name(TargetKind kind);

// Net power while a prompt is computed and while tokens are decoded.
struct PassWatts {
    double prefill = 1.0;
    double decode = 1.0;
    bool measured = false;  // else in proportion to the time: all cores are busy in both
    std::string source;     // what says so
};

// What a target counts: seconds or joules, as a sum over a prompt's passes.
class TargetCost {
   public:
    TargetCost(ModelCost model, TargetKind kind, PromptMix mix, const PassWatts& watts);

    // Seconds, or joules, with the blocks like that: of a decoded token, of the prompt's prefill, of both.
    [[nodiscard]] double cost(const BlockSums& blocks) const;
    [[nodiscard]] double base() const { return cost(model_.base()); }

    // What an allocation pays for a matrix, and for a query head beside its matrices.
    [[nodiscard]] MatrixPrice matrix_price() const;
    [[nodiscard]] FactorPrice factor_price() const;
    [[nodiscard]] double head_price() const;

   private:
    [[nodiscard]] PassWeights weights() const;

    ModelCost model_;
    PromptMix mix_;
    double per_prefill_ = 0.0;  // of a second of it
    double per_decode_ = 0.0;
    double n_decoded_ = 1.0;
};

// The share of the blocks' cost that must go. Invalid, with how far one can get: more than the units can give.
[[nodiscard]] Result<double> share_for_target(const TargetCost& cost, const CostTarget& target,
                                              const std::vector<Unit>& units, double block_cost);

}  // namespace landauer
