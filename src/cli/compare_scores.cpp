#include "cli/compare_scores.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/score_embedder.h"
#include "engine/engine.h"
#include "engine/text_score.h"
#include "platform/files.h"
#include "platform/sha256.h"
#include "platform/signals.h"
#include "platform/topology.h"
#include "score/default_references.h"
#include "score/score.h"

namespace landauer {
namespace {

constexpr std::size_t kMostTextBytes = 256U << 20U;

int usable_threads() { return std::max(read_topology().usable_cores() - 1, 1); }

// The given ones, else what the base's own prompts or pictures come with; the same for every run. None: empty.
Result<References> references_for(const RunRecord& base, const CompareFlags& flags) {
    if (!flags.references.empty()) {
        return read_references(flags.references);
    }
    auto own = default_references(base);
    return own || own.error().kind != ErrorKind::Absent ? own : Result<References>(References{});
}

Result<void> score_answers(const std::vector<AnalysedRuns>& runs, const CompareFlags& flags, ComparedScores& out) {
    auto references = references_for(runs.front().data.front().run, flags);
    if (!references) {
        return tl::unexpected(references.error());
    }
    if (references->all.empty()) {
        out.notes.emplace_back("Answers are not scored: there are no references for these prompts (--references).");
        return {};
    }
    auto embedder = find_embedder(flags.embedder, usable_threads());
    if (!embedder) {
        return tl::unexpected(embedder.error());
    }
    if (embedder->embedder == nullptr) {
        out.notes.emplace_back("Answers have no similarity score: there was no embedder (--embedder).");
    }
    ScoreOptions options;
    options.embedder_sha256 = embedder->sha256;
    std::vector<const RunData*> data;
    data.reserve(runs.size());
    for (const AnalysedRuns& run : runs) {
        data.push_back(&run.data.front());
    }
    auto scores = score_runs(data, *references, embedder->embedder.get(), options, &interrupt_requested);
    if (!scores) {
        return tl::unexpected(scores.error());
    }
    out.answers = std::move(*scores);
    return {};
}

Result<std::filesystem::path> model_file(const RunData& data) {
    std::filesystem::path file = data.run.model.path;
    if (is_fake_model(file) || !file_exists(file)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("--text needs the weights of run {}, which are not at {}.", data.run.id, file.string()),
                    "Put the model file back there, or leave out --text.");
    }
    return file;
}

const std::string& sha256_of(const AnalysedRuns& run) { return run.data.front().run.model.sha256; }

// At most so many bytes, ended at the end of a line where it has one.
std::string beginning_of(const std::string& text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    const std::size_t line = text.rfind('\n', bytes);
    return text.substr(0, line == std::string::npos || line == 0 ? bytes : line);
}

Result<void> score_texts(const std::vector<AnalysedRuns>& runs, const CompareFlags& flags, ComparedScores& out) {
    auto text = read_text(flags.text, kMostTextBytes);
    if (!text) {
        return tl::unexpected(text.error());
    }
    if (flags.most_text_bytes > 0) *text = beginning_of(*text, flags.most_text_bytes);
    std::vector<std::filesystem::path> files;
    for (const AnalysedRuns& run : runs) {
        auto file = model_file(run.data.front());
        if (!file) {
            return tl::unexpected(file.error());
        }
        files.push_back(std::move(*file));
    }
    TextScoreSettings settings;
    settings.n_threads = usable_threads();
    auto scores =
        score_text(files.front(), std::span(files).subspan(1), *text, settings, &interrupt_requested, [](double) {});
    if (!scores) {
        return tl::unexpected(scores.error());
    }
    const std::string base_sha256 = sha256_of(runs.front());
    const std::string text_sha256 = sha256_text(*text);
    scores->base.model_sha256 = base_sha256;
    scores->base.text_sha256 = text_sha256;
    out.texts.emplace_back(std::move(scores->base));
    for (std::size_t i = 1; i < runs.size(); ++i) {
        Result<TextScore>& one = scores->candidates[i - 1];
        if (!one) {
            out.notes.push_back(
                fmt::format("{} is not scored on the text: {}", files[i].filename().string(), one.error().sentence));
            out.texts.emplace_back();
            continue;
        }
        one->base_sha256 = base_sha256;
        one->model_sha256 = sha256_of(runs[i]);
        one->text_sha256 = text_sha256;
        out.texts.emplace_back(std::move(*one));
    }
    return {};
}

}  // namespace

bool is_synthetic(const RunData& data) {
    const auto mark = data.run.model.metadata.find("landauer.synthetic");
    return mark != data.run.model.metadata.end() && mark->second == "true";
}

Result<ComparedScores> score_compared(const std::vector<AnalysedRuns>& runs, const CompareFlags& flags) {
    ComparedScores out;
    if (std::any_of(runs.begin(), runs.end(), [](const AnalysedRuns& run) { return is_synthetic(run.data.front()); })) {
        out.notes.emplace_back("Answers are not scored: weights are synthetic, so what they say means nothing.");
        return out;
    }
    const bool is_grid = std::any_of(runs.begin(), runs.end(),
                                     [](const AnalysedRuns& run) { return run.data.front().run.protocol == "grid"; });
    if (!flags.no_score && !is_grid) {
        if (auto done = score_answers(runs, flags, out); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (!flags.text.empty()) {
        if (auto done = score_texts(runs, flags, out); !done) {
            return tl::unexpected(done.error());
        }
    }
    return out;
}

}  // namespace landauer
