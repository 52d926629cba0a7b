// `landauer compress --target`: what the model costs on this machine, what the smaller one is predicted to cost, and
// what it does cost.
#pragma once

#include <landauer/error.h>

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "cli/compress_options.h"
#include "compress/cost_target.h"
#include "compress/machine_costs.h"

namespace landauer {

// Invalid: a target or a mix that cannot be read.
[[nodiscard]] Result<void> check_target_flags(const CompressFlags& flags);

// How many times faster, or cheaper, the smaller model is: as predicted, and as both models in turns showed.
struct TargetOutcome {
    std::string target;  // as it was asked for
    TargetKind kind = TargetKind::Decode;
    bool estimated = false;  // joules, without a meter
    double predicted_prefill = 1.0;
    double predicted_decode = 1.0;
    double predicted_target = 1.0;
    PassComparison measured;
    KernelTime measured_target;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] nlohmann::json document() const;
};

class TargetRun {
   public:
    // Kept costs, or measured now. Errors as machine_costs().
    [[nodiscard]] static Result<TargetRun> create(const CompressFlags& flags, const CompressSettings& settings,
                                                  const CompressHooks& hooks);

    // What the allocation is to pay in.
    void set_prices(CompressSettings& settings) const;
    // Errors as share_for_target().
    [[nodiscard]] Result<double> share(const Profile& profile) const;
    // "target=decode:1.5x mix=512:128 costs=0123456789ab".
    [[nodiscard]] std::string options_words() const;

    [[nodiscard]] std::string base_text() const;
    // What blocks like that cost.
    [[nodiscard]] BlockSums blocks(const StockShape& shape, std::span<const LayerFactors> layers,
                                   const std::string& factor_type) const;
    [[nodiscard]] std::string predicted_text(const BlockSums& blocks) const;

    // Both models in turns, beside the prediction.
    [[nodiscard]] Result<TargetOutcome> measure(const CompressFlags& flags, const CompressSettings& settings,
                                                const BlockSums& blocks, const CompressHooks& hooks) const;

   private:
    TargetRun(CostTarget target, PromptMix mix, std::string words, MachineCosts costs, ModelCost model,
              PassWatts watts);
    // Base to small.
    [[nodiscard]] double speedup(TargetKind kind, const BlockSums& blocks) const;

    CostTarget target_;
    PromptMix mix_;
    std::string words_;
    MachineCosts costs_;
    ModelCost model_;
    PassWatts watts_;
};

// What measuring would take, or what is known already: for --dry-run.
[[nodiscard]] Result<std::string> target_plan_text(const CompressFlags& flags, const CompressSettings& settings);

}  // namespace landauer
