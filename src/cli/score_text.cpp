#include "cli/score_text.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "engine/engine.h"
#include "engine/text_score.h"
#include "platform/files.h"
#include "platform/sha256.h"
#include "platform/signals.h"
#include "platform/terminal.h"
#include "platform/topology.h"
#include "report/numbers.h"
#include "report/plain_text.h"
#include "store/store.h"

namespace landauer {
namespace {

constexpr std::size_t kLongestText = std::size_t{1} << 28U;
constexpr int kDigits = 4;

struct Hashes {
    std::string model;
    std::string base;  // empty: perplexity alone
    std::string text;
};

Result<Hashes> hashes_of(const ScoreWords& words, const std::string& text) {
    Hashes hashes;
    hashes.text = sha256_text(text);
    auto model = sha256_file(words.model, &interrupt_requested);
    if (!model) {
        return tl::unexpected(model.error());
    }
    hashes.model = std::move(*model);
    if (!words.base.empty()) {
        auto base = sha256_file(words.base, &interrupt_requested);
        if (!base) {
            return tl::unexpected(base.error());
        }
        hashes.base = std::move(*base);
    }
    return hashes;
}

Result<void> check(const ScoreWords& words) {
    if (words.model.empty()) {
        return fail(ErrorKind::Invalid, "No model to score on the text is named.",
                    "Name one with -m MODEL.gguf, and its original with --base BASE.gguf.");
    }
    if (is_fake_model(words.model) || is_fake_model(words.base)) {
        return fail(ErrorKind::Invalid, "A fake model has no probabilities.", "Name GGUF files of language models.");
    }
    return {};
}

class TextProgress {
   public:
    TextProgress() : live_(is_terminal(Stream::err)) {}
    TextProgress(const TextProgress&) = delete;
    TextProgress& operator=(const TextProgress&) = delete;
    TextProgress(TextProgress&&) = delete;
    TextProgress& operator=(TextProgress&&) = delete;
    ~TextProgress() {
        if (shown_) {
            talk("\r\x1b[K");
        }
    }
    void show(double fraction) {
        if (live_) {
            talk(fmt::format("\r\x1b[KScoring the text: {:.0f} %", 100.0 * fraction));
            shown_ = true;
        }
    }

   private:
    bool live_;
    bool shown_ = false;
};

// The model's score against its base where there is one, and the base's own where it is new.
Result<std::vector<TextScore>> measure(const ScoreWords& words, const std::string& text, const Hashes& hashes) {
    TextScoreSettings settings;
    settings.n_ctx = words.n_ctx;
    settings.n_chunks = words.n_chunks;
    settings.n_threads = words.n_threads > 0 ? words.n_threads : read_topology().usable_cores();
    std::vector<std::filesystem::path> candidates;
    if (!words.base.empty()) {
        candidates.push_back(words.model);
    }
    TextProgress progress;
    auto scores = score_text(words.base.empty() ? words.model : words.base, candidates, text, settings,
                             &interrupt_requested, [&](double fraction) { progress.show(fraction); });
    if (!scores) {
        return tl::unexpected(scores.error());
    }
    std::vector<TextScore> out;
    scores->base.model_sha256 = words.base.empty() ? hashes.model : hashes.base;
    for (Result<TextScore>& candidate : scores->candidates) {
        if (!candidate) {
            return tl::unexpected(candidate.error());
        }
        candidate->model_sha256 = hashes.model;
        candidate->base_sha256 = hashes.base;
        out.push_back(std::move(*candidate));
    }
    out.push_back(std::move(scores->base));
    for (TextScore& score : out) {
        score.text_sha256 = hashes.text;
        score.n_ctx = words.n_ctx;
    }
    return out;
}

// A part of the text is not the text: only whole ones are kept.
Result<std::vector<TextScore>> found_or_measured(const ScoreWords& words, const std::string& text,
                                                 const Hashes& hashes) {
    auto store = Store::open(words.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    const bool whole = words.n_chunks < 0;
    if (whole) {
        auto kept = store->find_text_score(hashes.model, hashes.base, hashes.text, words.n_ctx);
        if (!kept) {
            return tl::unexpected(kept.error());
        }
        if (std::optional<TextScore> found = std::move(*kept)) {
            talk("Scored before; this is what the store keeps.\n");
            return std::vector<TextScore>{std::move(*found)};
        }
    }
    auto scores = measure(words, text, hashes);
    if (!scores) {
        return scores;
    }
    for (const TextScore& score : *scores) {
        if (auto put = whole ? store->put_text_score(score) : Result<void>(); !put) {
            return tl::unexpected(put.error());
        }
    }
    return scores;
}

using Row = std::array<std::string, 2>;

std::vector<Row> rows_of(const TextScore& score) {
    std::vector<Row> rows = {{"tokens scored", count_text(score.n_tokens)},
                             {"perplexity", estimate_text(score.perplexity, kDigits)}};
    if (score.ln_ppl_ratio) {
        rows.push_back({"ln(PPL / base's)", estimate_text(*score.ln_ppl_ratio, kDigits)});
    }
    if (score.kl_mean) {
        rows.push_back({"KL to the base, nats/token", estimate_text(*score.kl_mean, kDigits)});
    }
    if (score.kl_p99) {
        rows.push_back({"KL, 99th percentile", number_text(*score.kl_p99, kDigits)});
    }
    if (score.same_top) {
        rows.push_back({"same most likely token, %", estimate_text(scaled(*score.same_top, 0.01), kDigits)});
    }
    return rows;
}

nlohmann::ordered_json json_of(const Estimate& estimate) {
    return {{"value", estimate.value}, {"ci95", {estimate.ci95.low, estimate.ci95.high}}};
}

std::string json_words(const TextScore& score) {
    nlohmann::ordered_json json = {{"model_sha256", score.model_sha256}, {"base_sha256", score.base_sha256},
                                   {"text_sha256", score.text_sha256},   {"n_ctx", score.n_ctx},
                                   {"n_tokens", score.n_tokens},         {"perplexity", json_of(score.perplexity)}};
    if (score.ln_ppl_ratio) {
        json["ln_ppl_ratio"] = json_of(*score.ln_ppl_ratio);
    }
    if (score.kl_mean) {
        json["kl_mean"] = json_of(*score.kl_mean);
    }
    if (score.kl_p99) {
        json["kl_p99"] = *score.kl_p99;
    }
    if (score.same_top) {
        json["same_top"] = json_of(*score.same_top);
    }
    return json.dump(2) + "\n";
}

std::string words_of(const TextScore& score, const ScoreWords& words) {
    if (words.format == "json") {
        return json_words(score);
    }
    const std::string title =
        fmt::format("{} on {}{}, context {}", words.model.filename().string(), words.text.filename().string(),
                    words.base.empty() ? "" : " against " + words.base.filename().string(), words.n_ctx);
    std::string out = words.format == "md" ? fmt::format("**{}**\n\n| | |\n|---|---:|\n", title) : title + "\n";
    TextTable table;
    table.right = {false, true};
    for (const Row& row : rows_of(score)) {
        if (words.format == "md") {
            out += fmt::format("| {} | {} |\n", row[0], row[1]);
        }
        table.rows.push_back({row[0], row[1]});
    }
    if (words.format != "md") {
        out += fmt::format("{}\n", fmt::join(table.lines(2), "\n"));
    }
    return out;
}

}  // namespace

Result<void> score_text_by_words(const ScoreWords& words) {
    if (auto right = check(words); !right) {
        return right;
    }
    const auto text = read_text(words.text, kLongestText);
    if (!text) {
        return fail(ErrorKind::Invalid, text.error().sentence, "Name a text file that may be read with --text.");
    }
    const auto hashes = hashes_of(words, *text);
    if (!hashes) {
        return tl::unexpected(hashes.error());
    }
    return found_or_measured(words, *text, *hashes).and_then([&](const std::vector<TextScore>& scores) {
        return write_output(words.out, words_of(scores.front(), words));
    });
}

}  // namespace landauer
