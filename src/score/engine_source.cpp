#include "score/engine_source.h"

#include <fmt/format.h>

#include <utility>

#include "engine/engine.h"
#include "gguf/summary.h"
#include "platform/sha256.h"
#include "platform/text.h"

namespace landauer {
namespace {

TrialRequest request_of(const Prompt& prompt, std::int32_t n_gen) {
    TrialRequest request;
    request.text = prompt.full_text();
    request.n_gen = n_gen;
    request.ignore_eos = false;
    return request;
}

class EngineSource final : public AnswerSource {
   public:
    EngineSource(std::unique_ptr<Engine> engine, std::string name, std::map<std::string, std::string> settings,
                 std::int32_t n_gen)
        : engine_(std::move(engine)), name_(std::move(name)), settings_(std::move(settings)), n_gen_(n_gen) {}

    [[nodiscard]] const std::string& name() const override { return name_; }

    [[nodiscard]] Result<MadeAnswer> ask(const Prompt& prompt, const std::function<bool()>& abort) override {
        EngineHooks hooks;
        hooks.abort = abort;
        auto trial = engine_->run(request_of(prompt, n_gen_), hooks);
        if (!trial) {
            return tl::unexpected(trial.error());
        }
        if (trim(trial->answer).empty()) {
            return fail(ErrorKind::Failed, fmt::format("{} answered {} with nothing.", name_, prompt.id),
                        "Take another model for references; the answers so far are kept.");
        }
        return MadeAnswer{trial->answer, trial->stop == "length", trial->n_prompt, trial->n_gen, settings_};
    }

   private:
    std::unique_ptr<Engine> engine_;
    std::string name_;
    std::map<std::string, std::string> settings_;
    std::int32_t n_gen_;
};

Result<void> refuse_noise(const std::filesystem::path& model) {
    if (is_fake_model(model)) {
        return {};
    }
    const auto summary = inspect_gguf(model);
    if (!summary) {
        return tl::unexpected(summary.error());
    }
    if (summary->synthetic) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has synthetic weights, whose answers are noise.", model.string()),
                    "Make references with a real model.");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<AnswerSource>> open_engine_source(const EngineSourceSettings& settings,
                                                         const std::function<bool()>& abort) {
    if (auto real = refuse_noise(settings.model); !real) {
        return tl::unexpected(real.error());
    }
    auto hash = sha256_file(settings.model, abort);
    if (!hash) {
        return tl::unexpected(hash.error());
    }
    auto engine = make_engine(settings.model);
    if (!engine) {
        return tl::unexpected(engine.error());
    }
    EngineSettings how;
    how.model = settings.model;
    how.n_threads = settings.n_threads;
    EngineHooks hooks;
    hooks.abort = abort;
    auto loaded = (*engine)->load(how, hooks);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    std::map<std::string, std::string> kept = {
        {"temperature", "0"}, {"n_gen", std::to_string(settings.n_gen)}, {"model_sha256", *hash}};
    return std::make_unique<EngineSource>(std::move(*engine), loaded->model.name, std::move(kept), settings.n_gen);
}

}  // namespace landauer
