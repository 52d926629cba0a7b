// An engine that spends time and memory as told and answers without a model.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace landauer {

class FakeEngine final : public Engine {
   public:
    explicit FakeEngine(FakeModel model) : model_(std::move(model)) {}

    [[nodiscard]] Result<LoadResult> load(const EngineSettings& settings, const EngineHooks& hooks) override;
    void unload() override;
    [[nodiscard]] Result<std::vector<Token>> tokenize(const TrialRequest& request) override;
    [[nodiscard]] Result<TrialResult> run(const TrialRequest& request, const EngineHooks& hooks) override;
    [[nodiscard]] std::map<std::string, std::string> facts() const override;

   private:
    [[nodiscard]] Result<PhaseRecord> phase(PhaseKind kind, double seconds, std::int64_t n_tokens,
                                            const EngineHooks& hooks);
    [[nodiscard]] double noise_factor();
    [[nodiscard]] Result<void> check_fits(const TrialRequest& request, std::size_t n_prompt) const;
    [[nodiscard]] Result<void> look_at(const RgbImage& image, const EngineHooks& hooks, TrialResult& result);
    [[nodiscard]] Result<void> generate(const TrialRequest& request, const std::vector<Token>& prompt,
                                        const EngineHooks& hooks, TrialResult& result);
    [[nodiscard]] std::int64_t reuse_prefix(const std::vector<Token>& prompt);

    FakeModel model_;
    EngineSettings settings_;
    bool is_loaded_ = false;
    std::uint64_t n_phases_ = 0;
    std::vector<std::byte> ram_;
    std::vector<Token> cached_;
};

}  // namespace landauer
