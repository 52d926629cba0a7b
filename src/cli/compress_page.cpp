#include "cli/compress_page.h"

#include <fmt/format.h>

#include <array>

#include "cli/compress_factors_view.h"
#include "compress/sensitivity.h"
#include "compress/size_curve.h"
#include "report/numbers.h"

namespace landauer {
namespace {

constexpr std::array kUsualShares = {0.1, 0.2, 0.3, 0.4};
constexpr double kCurveStep = 0.02;
constexpr std::array<const char*, kFactorParts.size()> kShortNames = {"q", "k", "v", "o", "gate", "up", "down"};

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

PredictedSize predicted(const SizePoint& point) {
    PredictedSize size{point.removed, point.loss, {}};
    if (point.file_bytes) size.file_mb = megabytes(*point.file_bytes);
    return size;
}

void add_sensitivity(const Profile& profile, CompressReport& page) {
    const bool has_ranks = !profile.ranks.empty();
    for (std::size_t part = 0; part < kFactorParts.size() && has_ranks; ++part) {
        page.columns.push_back({kShortNames[part], "to \u00be of its storage"});
    }
    page.columns.push_back({"neurons", "\u2212\u00bc of them"});
    page.columns.push_back({"head groups", "\u2212\u00bc, at least one"});
    for (const LayerSensitivity& layer : sensitivity_of(profile)) {
        auto& row = page.sensitivity.emplace_back();
        if (has_ranks) row.assign(layer.matrices.begin(), layer.matrices.end());
        row.push_back(layer.neurons);
        row.push_back(layer.groups);
    }
}

KeptPlan plan_of(const Profile& profile, const FactorChoice& choice, bool has_ranks) {
    KeptPlan plan;
    plan.removed = choice.removed;
    plan.loss = choice.allocation.loss;
    if (has_ranks) plan.columns.assign(kShortNames.begin(), kShortNames.end());
    plan.columns.insert(plan.columns.end(), {"neurons", "head groups"});
    const DecoderShape& shape = profile.shape.decoder;
    for (std::size_t layer = 0; layer < choice.layers.size(); ++layer) {
        const LayerFactors& kept = choice.layers[layer];
        auto& row = plan.layers.emplace_back();
        for (std::size_t part = 0; part < kFactorParts.size() && has_ranks; ++part) {
            const std::size_t full = matrix_size(shape, layer, part).full_rank();
            row.push_back(
                {kept.ranks[part] > 0 ? kept.ranks[part] : full, full, stored_type(shape, kept, layer, part)});
        }
        row.push_back({kept.keep.neurons.size(), shape.n_ff[layer], kept.keep.ffn_type});
        row.push_back({kept.keep.groups.size(), shape.n_head_kv[layer], kept.keep.attention_type});
    }
    return plan;
}

FactorChoice without_ranks(const StockChoice& choice) {
    FactorChoice out{choice.allocation, {}, choice.removed};
    for (const LayerKeep& keep : choice.keep) out.layers.push_back({keep, {}, {}});
    return out;
}

CompressReport bare_page(const CompressFlags& flags, const std::string& command) {
    CompressReport page;
    const std::string model = flags.model.filename().string();
    page.title = flags.out.empty() || flags.profile
                     ? "Sensitivity of " + model
                     : fmt::format("{}, made of {}", flags.out.filename().string(), model);
    page.command = command;
    page.version = LANDAUER_VERSION;
    return page;
}

}  // namespace

Result<FactorChoice> best_choice(const Profile& profile, double remove) {
    if (!profile.ranks.empty()) return choose_factors(profile, remove);
    const auto choice = choose_stock(profile, remove);
    if (!choice) return tl::unexpected(choice.error());
    return without_ranks(*choice);
}

Result<std::vector<FactorChoice>> profile_plans(const CompressFlags& flags, const Profile& profile) {
    std::vector<FactorChoice> plans;
    if (!flags.remove.empty()) {
        const auto share = read_share(flags.remove);
        if (!share) return tl::unexpected(share.error());
        auto choice = best_choice(profile, *share);
        if (!choice) return tl::unexpected(choice.error());
        plans.push_back(std::move(*choice));
        return plans;
    }
    for (const double share : kUsualShares) {
        if (auto choice = best_choice(profile, share); choice) plans.push_back(std::move(*choice));
    }
    return plans;
}

CompressReport compress_page_of(const CompressFlags& flags, const Profile& profile, const std::string& options,
                                const std::string& command) {
    CompressReport page = bare_page(flags, command);
    page.axis = !flags.target.empty() ? "cost on this machine" : flags.target_bytes.empty() ? "parameters" : "bytes";
    page.measured_low = kMeasuredLoss.low;
    page.measured_high = kMeasuredLoss.high;
    add_sensitivity(profile, page);
    const StatisticsInfo& info = profile.statistics;
    page.facts = {{"source", flags.model.string()},
                  {"source sha256", profile.model_sha256},
                  {"statistics sha256", info.text_sha256},
                  {"statistics", profile.statistics_file.string()},
                  {"tokens", fmt::format("{}, {} of them of the given text; gradients of {}", count_text(info.n_tokens),
                                         count_text(info.n_text_tokens), count_text(info.n_gradient_tokens))},
                  {"options", options},
                  {"landauer", LANDAUER_VERSION}};
    page.notes = profile.caveats;
    if (profile.collecting_seconds <= 0.0) {
        page.notes.emplace_back(
            "The statistics were there already: what collecting them took is not in the cost of making.");
    }
    return page;
}

CompressReport quantised_page(const CompressFlags& flags, const std::string& command) {
    CompressReport page = bare_page(flags, command);
    page.facts = {{"source", flags.model.string()},
                  {"type", flags.quantise},
                  {"method", flags.method},
                  {"landauer", LANDAUER_VERSION}};
    return page;
}

void add_plan(const Profile& profile, const FactorChoice& choice, CompressReport& page) {
    page.plans.push_back(plan_of(profile, choice, !profile.ranks.empty()));
}

void add_curve(const WeightFile& source, const Profile& profile, CompressFormat format, CompressReport& page) {
    page.ways = format == CompressFormat::Factors ? "lower ranks, fewer neurons and fewer head groups"
                                                  : "fewer neurons and fewer head groups";
    for (const SizePoint& point : size_curve(source, profile, format, kCurveStep)) {
        page.curve.push_back(predicted(point));
    }
}

void add_choice(const Profile& profile, const StockChoice& choice, std::uint64_t file_bytes, CompressReport& page) {
    page.plans = {plan_of(profile, without_ranks(choice), false)};
    page.plans.front().chosen = true;
    page.chosen = predicted({choice.removed, choice.allocation.loss, file_bytes});
}

void add_choice(const Profile& profile, const FactorChoice& choice, CompressReport& page) {
    page.plans = {plan_of(profile, choice, true)};
    page.plans.front().chosen = true;
    page.chosen = predicted({choice.removed, choice.allocation.loss, {}});
}

}  // namespace landauer
