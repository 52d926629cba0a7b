#include "analysis/compare/costs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "analysis/compare/cluster_bootstrap.h"
#include "analysis/compare/verdict.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr std::array<std::string_view, 15> kCompared = {"seconds",           "encode_s",
                                                        "image_prefill_s",   "prefill_ts",
                                                        "decode_ts",         "cpu_s",
                                                        "rss_peak_bytes",    "cpu_auc_pct_s",
                                                        "ram_auc_gib_s",     "system_ram_auc_gib_s",
                                                        "energy_j",          "wh",
                                                        "j_per_token",       "prefill_j_per_token",
                                                        "decode_j_per_token"};

constexpr double kZ95 = 1.959963984540054;

std::optional<double> figure(const TrialNet& net, std::string_view metric) {
    const auto found = net.figures.find(std::string(metric));
    return found == net.figures.end() ? std::nullopt : std::optional(found->second);
}

// What all pairs of a metric err by together, as a 95 % half-width of the logarithm of the ratio.
class SharedError {
   public:
    void add(const TrialNet& base, const TrialNet& candidate, const std::string& metric) {
        base_ = added(std::move(base_), error_of(base, metric));
        candidate_ = added(std::move(candidate_), error_of(candidate, metric));
        base_sum_ += base.figures.at(metric);
        candidate_sum_ += candidate.figures.at(metric);
    }
    // In one session the idle level and the meter's gain are the same for both, and cancel as far as they can.
    [[nodiscard]] double half_width(bool one_session) const {
        if (!(base_sum_ > 0.0) || !(candidate_sum_ > 0.0)) {
            return 0.0;
        }
        const double idle_b = base_.shared / base_sum_;
        const double idle_c = candidate_.shared / candidate_sum_;
        const double tilt = candidate_.tilt / candidate_sum_ - base_.tilt / base_sum_;
        if (one_session) {
            return std::hypot(idle_c - idle_b, tilt);
        }
        const double gain = std::hypot(base_.gain / base_sum_, candidate_.gain / candidate_sum_);
        return std::hypot(std::hypot(idle_b, idle_c), std::hypot(tilt, gain));
    }

   private:
    static ErrorParts error_of(const TrialNet& net, const std::string& metric) {
        const auto found = net.errors.find(metric);
        if (found == net.errors.end()) {
            return {};
        }
        ErrorParts parts = found->second;
        parts.linked.clear();  // differs from window to window: in the spread of the pairs already
        return parts;
    }
    ErrorParts base_;
    ErrorParts candidate_;
    double base_sum_ = 0.0;
    double candidate_sum_ = 0.0;
};

struct Columns {
    std::vector<double> log_ratio;
    std::vector<std::size_t> cluster;  // without gaps
    std::set<std::string> prompts;
    SharedError shared;
};

Columns columns_of(const Pairing& pairing, const std::string& metric) {
    Columns out;
    std::vector<std::size_t> number(pairing.pairs.size(), std::numeric_limits<std::size_t>::max());
    std::size_t n_clusters = 0;
    for (const TrialPair& pair : pairing.pairs) {
        const auto base = figure(*pair.base, metric);
        const auto candidate = figure(*pair.candidate, metric);
        if (!base || !candidate || !(*base > 0.0) || !(*candidate > 0.0)) {
            continue;
        }
        std::size_t& place = number[pairing.cluster(pair)];
        if (place == std::numeric_limits<std::size_t>::max()) {
            place = n_clusters++;
        }
        out.log_ratio.push_back(std::log(*candidate / *base));
        out.cluster.push_back(place);
        out.prompts.insert(pair.prompt_id);
        out.shared.add(*pair.base, *pair.candidate, metric);
    }
    return out;
}

bool of_one_session(const RunAnalysis& base, const RunAnalysis& candidate) {
    const auto& a = base.data->sessions;
    const auto& b = candidate.data->sessions;
    return a.size() == 1 && b.size() == 1 && a.front().session.id == b.front().session.id &&
           a.front().session.uuid == b.front().session.uuid;
}

void widen(Clustered& clustered, double half) {
    const auto stretch = [&](Interval& interval, double by) {
        interval.low = clustered.value - std::hypot(clustered.value - interval.low, by);
        interval.high = clustered.value + std::hypot(interval.high - clustered.value, by);
    };
    if (half > 0.0) {
        stretch(clustered.ci95, half);
        stretch(clustered.ci90, half * 0.84);  // 1.645 / 1.960
        // A p of the interval that is now shown: never less than what the shared error alone would give.
        clustered.p = std::max(clustered.p, std::erfc(std::abs(clustered.value) / (half / kZ95) / std::sqrt(2.0)));
    }
}

}  // namespace

Estimate level_of(const RunAnalysis& run, std::string_view metric, std::span<const std::string> prompts) {
    double sum = 0.0;
    double low = 0.0;
    double high = 0.0;
    double n = 0.0;
    for (const PromptFigures& prompt : run.prompts) {
        const auto found = prompt.figures.find(std::string(metric));
        if (found == prompt.figures.end() ||
            std::find(prompts.begin(), prompts.end(), prompt.prompt_id) == prompts.end()) {
            continue;
        }
        const Estimate& e = found->second;
        sum += e.value;
        low = std::hypot(low, e.value - e.ci95.low);
        high = std::hypot(high, e.ci95.high - e.value);
        ++n;
    }
    if (n == 0.0) {
        return {};
    }
    return {sum / n, {(sum - low) / n, (sum + high) / n}};
}

std::vector<Comparison> compare_costs(const RunAnalysis& base, const RunAnalysis& candidate, const Pairing& pairing,
                                      const CompareOptions& options) {
    std::vector<Comparison> out;
    std::uint32_t number = 0;
    for (const Metric& metric : metric_table()) {
        ++number;
        if (std::find(kCompared.begin(), kCompared.end(), metric.name) == kCompared.end()) {
            continue;
        }
        const Columns columns = columns_of(pairing, std::string(metric.name));
        if (columns.log_ratio.empty() || 2 * columns.log_ratio.size() < pairing.pairs.size()) {
            continue;
        }
        std::mt19937_64 random = random_stream(options.seed, 11, number);
        Clustered clustered =
            clustered_centre(columns.log_ratio, columns.cluster, Centre::median, options.bootstrap, random);
        widen(clustered, columns.shared.half_width(of_one_session(base, candidate)));
        Comparison one = comparison_of(metric, EffectScale::ratio, clustered);
        const std::vector<std::string> prompts(columns.prompts.begin(), columns.prompts.end());
        one.base = level_of(base, metric.name, prompts);
        one.candidate = level_of(candidate, metric.name, prompts);
        one.n_pairs = static_cast<int>(columns.log_ratio.size());
        one.n_prompts = static_cast<int>(prompts.size());
        one.n_turns = static_cast<int>(pairing.n_turns);
        out.push_back(one);
    }
    return out;
}

}  // namespace landauer
