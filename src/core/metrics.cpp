#include "core/metrics.h"

#include <algorithm>
#include <array>

namespace landauer {
namespace {

constexpr std::array kMetrics = {
    // Of one trial, from its raw samples and marks alone.
    Metric{"seconds", "s", "time", "wall time of a trial's phases but loading, from the engine's marks", Better::lower,
           true},
    Metric{"preprocess_s", "s", "preprocess", "wall time of resizing and cutting the image", Better::lower, true},
    Metric{"encode_s", "s", "encode", "wall time of the vision encoder", Better::lower, true},
    Metric{"encode_ts", "t/s", "encode t/s", "image tokens over encode time", Better::higher, true},
    Metric{"image_prefill_s", "s", "image prefill", "wall time of the image's embeddings in the language model",
           Better::lower, true},
    Metric{"image_prefill_ts", "t/s", "image prefill t/s", "image tokens over image prefill time", Better::higher,
           true},
    Metric{"prefill_s", "s", "prefill", "wall time of the prefill phase", Better::lower, true},
    Metric{"decode_s", "s", "decode", "wall time of the decode phase", Better::lower, true},
    Metric{"prefill_ts", "t/s", "prefill t/s", "prompt tokens really processed over prefill time", Better::higher,
           true},
    Metric{"decode_ts", "t/s", "decode t/s", "generated tokens over decode time", Better::higher, true},
    Metric{"cpu_s", "s", "CPU s", "CPU time of the process (user and system, all threads)", Better::lower, true},
    Metric{"encode_cpu_s", "s", "encode CPU s", "CPU time of the process in the vision encoder", Better::lower, true},
    Metric{"image_prefill_cpu_s", "s", "image prefill CPU s", "CPU time of the process in image prefill", Better::lower,
           true},
    Metric{"prefill_cpu_s", "s", "prefill CPU s", "CPU time of the process in prefill", Better::lower, true},
    Metric{"decode_cpu_s", "s", "decode CPU s", "CPU time of the process in decode", Better::lower, true},
    Metric{"cpu_busy_s", "s", "busy s", "busy time of the whole machine (counter difference)", Better::lower, true},
    Metric{"cpu_percent", "%", "CPU %", "mean CPU use of the process; 100 % is one core", Better::neither, true},
    Metric{"others_cpu_s", "s", "others s", "machine busy time less the process's own: contention", Better::lower,
           true},
    Metric{"steal_s", "s", "steal s", "time the hypervisor gave to other machines", Better::lower, true},
    Metric{"rss_peak_bytes", "B", "peak RSS", "largest resident set sampled, anonymous and file pages", Better::lower,
           true},
    Metric{"rss_anon_bytes", "B", "RSS anon", "mean anonymous resident set", Better::lower, true},
    Metric{"rss_file_bytes", "B", "RSS file", "mean file-backed resident set; memory-mapped weights are here",
           Better::lower, true},
    Metric{"major_faults", "1", "major faults", "page faults that went to disk", Better::lower, true},
    Metric{"freq_mean_hz", "Hz", "clock", "mean core clock while the trial ran", Better::neither, true},
    Metric{"temperature_max_degc", "degC", "max temp", "hottest sensor reading in the trial", Better::lower, true},
    Metric{"throttle_events", "1", "throttled", "thermal throttling events counted by the kernel", Better::lower, true},

    // Net of the idle baseline, or over the run: computed, never stored.
    Metric{"cpu_auc_pct_s", "%·s", "CPU AUC",
           "trapezoid of sampled machine CPU use less the idle mean, unclipped (arXiv 2512.16531)"},
    Metric{"cpu_auc_error_pct_s", "%·s", "CPU AUC error",
           "CPU AUC less the same area from the exact busy counter: the error of sampling", Better::neither},
    Metric{"ram_auc_gib_s", "GiB·s", "RAM AUC",
           "trapezoid of resident memory less the idle mean before the model was loaded (arXiv 2512.16531)"},
    Metric{"system_ram_auc_gib_s", "GiB·s", "system RAM AUC",
           "the same over the machine's used memory (total less available)"},
    Metric{"energy_j", "J", "energy", "gross energy over the trial; scope and provenance ride with it"},
    Metric{"net_energy_j", "J", "net energy", "energy less idle power times time"},
    Metric{"encode_net_j", "J", "encode J", "net energy of the vision encoder"},
    Metric{"image_prefill_net_j", "J", "image prefill J", "net energy of the image prefill phase"},
    Metric{"encode_j_per_token", "J/token", "encode J/token", "net energy of encoding over image tokens"},
    Metric{"image_prefill_j_per_token", "J/token", "image prefill J/token",
           "net energy of image prefill over image tokens"},
    Metric{"prefill_net_j", "J", "prefill J", "net energy of the prefill phase"},
    Metric{"decode_net_j", "J", "decode J", "net energy of the decode phase"},
    Metric{"wh", "Wh", "Wh", "net energy in watt-hours"},
    Metric{"j_per_token", "J/token", "J/token", "net energy over tokens really processed"},
    Metric{"prefill_j_per_token", "J/token", "prefill J/token", "net energy of prefill over prompt tokens processed"},
    Metric{"decode_j_per_token", "J/token", "decode J/token", "net energy of decode over tokens generated"},
    Metric{"tokens", "1", "tokens", "tokens really processed: prompt tokens less reused ones, and generated ones",
           Better::neither},
};

constexpr std::array kQualities = {
    // What answers and models are worth: from scoring, never from samples.
    Metric{"similarity", "points", "accuracy",
           "cosine x 100 of the sentence embeddings of answer and reference (arXiv 2512.16531)", Better::higher},
    Metric{"exact_match", "1", "exact match", "share of answers that are or begin with the expected one",
           Better::higher},
    Metric{"keyword_recall", "1", "keywords", "share of the expected answer's words found in the answer",
           Better::higher},
    Metric{"perplexity", "1", "perplexity", "of a text, by llama-perplexity's rules"},
    Metric{"ln_ppl_ratio", "nats/token", "ln PPL ratio", "mean of ln(PPL / PPL of the base), paired by token"},
    Metric{"kl_mean", "nats/token", "KL", "Kullback-Leibler divergence of the base's next token from the model's"},
    Metric{"kl_p99", "nats/token", "KL p99", "99th percentile of that divergence over the tokens"},
    Metric{"same_top", "1", "same top token", "share of tokens whose most likely next one is the base's",
           Better::higher},
};

}  // namespace

std::span<const Metric> metric_table() { return kMetrics; }

std::span<const Metric> quality_table() { return kQualities; }

const Metric* find_metric(std::string_view name) {
    for (const std::span<const Metric> table : {metric_table(), quality_table()}) {
        const auto found = std::find_if(table.begin(), table.end(), [&](const Metric& m) { return m.name == name; });
        if (found != table.end()) {
            return &*found;
        }
    }
    return nullptr;
}

}  // namespace landauer
