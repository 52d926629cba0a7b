#include "score/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "cli/command.h"
#include "cli/score_embedder.h"
#include "cli/score_make.h"
#include "cli/score_options.h"
#include "cli/score_text.h"
#include "cli/score_view.h"
#include "platform/signals.h"
#include "platform/topology.h"
#include "score/default_references.h"
#include "store/store.h"

namespace landauer {
namespace {

Result<std::vector<RunData>> read_runs(Store& store, const std::vector<std::string>& names) {
    std::vector<RunData> runs;
    std::set<std::int64_t> seen;
    for (const std::string& name : names.empty() ? std::vector<std::string>{"last"} : names) {
        const auto id = store.find_run(name);
        if (!id) {
            return tl::unexpected(id.error());
        }
        if (!seen.insert(*id).second) {
            continue;
        }
        auto run = store.read_run(*id);
        if (!run) {
            return tl::unexpected(run.error());
        }
        runs.push_back(std::move(*run));
    }
    return runs;
}

// A run without any goes on: what is expected and what is broken can still be told.
Result<References> references_of(const ScoreWords& words, const RunRecord& run) {
    if (!words.references.empty()) {
        return read_references(words.references);
    }
    auto own = default_references(run);
    if (own || own.error().kind != ErrorKind::Absent) {
        return own;
    }
    talk(fmt::format("{} {}\n", own.error().sentence, own.error().remedy));
    return References{};
}

// Runs that share their references, in order of the first.
struct Group {
    References references;
    std::vector<std::size_t> members;
};

Result<std::vector<Group>> grouped(const ScoreWords& words, const std::vector<RunData>& runs) {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        auto references = references_of(words, runs[i].run);
        if (!references) {
            return tl::unexpected(references.error());
        }
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.references.sha256 == references->sha256;
        });
        if (same != groups.end()) {
            same->members.push_back(i);
        } else {
            groups.push_back({std::move(*references), {i}});
        }
    }
    return groups;
}

// In the order of the runs.
Result<std::vector<RunScores>> scores_of(const ScoreWords& words, const std::vector<RunData>& runs) {
    const auto groups = grouped(words, runs);
    if (!groups) {
        return tl::unexpected(groups.error());
    }
    const bool any =
        std::any_of(groups->begin(), groups->end(), [](const Group& group) { return !group.references.all.empty(); });
    const int n_threads = words.n_threads > 0 ? words.n_threads : read_topology().usable_cores();
    auto embedder = any ? find_embedder(words.embedder, n_threads) : Result<FoundEmbedder>(FoundEmbedder{});
    if (!embedder) {
        return tl::unexpected(embedder.error());
    }
    const ScoreOptions options{words.rule == "mean" ? ReferenceRule::mean : ReferenceRule::best, embedder->sha256};
    std::vector<RunScores> all(runs.size());
    for (const Group& group : *groups) {
        std::vector<const RunData*> members;
        members.reserve(group.members.size());
        for (const std::size_t i : group.members) {
            members.push_back(&runs[i]);
        }
        Embedder* const used = group.references.all.empty() ? nullptr : embedder->embedder.get();
        auto scores = score_runs(members, group.references, used, options, &interrupt_requested);
        if (!scores) {
            return scores;
        }
        for (std::size_t k = 0; k < scores->size(); ++k) {
            all[group.members[k]] = std::move((*scores)[k]);
        }
    }
    return all;
}

std::string shown(const ScoreWords& words, const std::vector<ScoredRun>& runs) {
    return words.format == "json" ? score_json(runs)
           : words.format == "md" ? score_markdown(runs, words.per_prompt)
                                  : score_table(runs, words.per_prompt);
}

Result<void> score_stored(const ScoreWords& words) {
    auto store = Store::open_existing(words.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    const auto runs = read_runs(*store, words.runs);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    const auto scores = scores_of(words, *runs);
    if (!scores) {
        return tl::unexpected(scores.error());
    }
    std::vector<ScoredRun> scored;
    scored.reserve(runs->size());
    for (std::size_t i = 0; i < runs->size(); ++i) {
        scored.push_back({&(*runs)[i], &(*scores)[i]});
    }
    // What was computed is shown also where it cannot be kept.
    auto written = write_output(words.out, shown(words, scored));
    for (const RunScores& one : *scores) {
        if (auto kept = store->put_scores(one); !kept) {
            return kept;
        }
    }
    return written;
}

Result<void> check(const ScoreWords& words) {
    const auto refuse = [](const char* what) {
        return fail(ErrorKind::Invalid, fmt::format("{} needs --make-references or --text.", what),
                    "Scoring stored answers runs no model; see landauer score --help.");
    };
    if (words.make_references && !words.text.empty()) {
        return fail(ErrorKind::Invalid, "References are made or a text is scored, not both at once.",
                    "Give --make-references and --text to two commands.");
    }
    if (!words.base.empty() && words.text.empty()) {
        return fail(ErrorKind::Invalid, "--base needs a text to hold both models to.", "Name one with --text FILE.");
    }
    if (!words.make_references && words.text.empty() && !words.model.empty()) {
        return refuse("-m");
    }
    if (!words.make_references && !words.endpoint.empty()) {
        return refuse("--endpoint");
    }
    return {};
}

Result<void> score(const ScoreWords& words) {
    if (auto right = check(words); !right) {
        return right;
    }
    if (words.make_references) {
        return make_references_by_words(words);
    }
    return words.text.empty() ? score_stored(words) : score_text_by_words(words);
}

void add_making(CLI::App& command, ScoreWords& w) {
    command.add_flag("--make-references", w.make_references, "Ask a model for reference answers and add them to --out")
        ->group("Making references");
    command.add_option("-m,--model-file", w.model, "GGUF model: whose answers are references, or which reads --text")
        ->group("Making references");
    command
        .add_option("--prompts", w.prompts, "Questions as JSONL (default: those of the runs, else the built-in ladder)")
        ->group("Making references");
    command.add_option("--endpoint", w.endpoint, "OpenAI-compatible server, http:// or https://")
        ->group("Making references");
    command.add_option("--model", w.endpoint_model, "The endpoint's name for the model")->group("Making references");
    command
        .add_option("--key-env", w.key_env,
                    "Environment variable that holds the key (default: LANDAUER_API_KEY, then OPENAI_API_KEY)")
        ->group("Making references");
    command.add_option("--price-per-mtoken", w.price, "IN,OUT for a million tokens: shows what was spent")
        ->group("Making references");
    command.add_option("-n,--n-gen", w.n_gen, "Most tokens of an answer")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str()
        ->group("Making references");
    command.add_option("--timeout", w.timeout_s, "Seconds to wait for one answer of the endpoint")
        ->check(CLI::Range(0.1, 86'400.0))
        ->capture_default_str()
        ->group("Making references");
}

void add_text(CLI::App& command, ScoreWords& w) {
    command.add_option("--text", w.text, "Text file: perplexity of -m on it, and KL to --base")->group("A text");
    command.add_option("--base", w.base, "The model that -m is held against")->group("A text");
    command.add_option("-c,--ctx-size", w.n_ctx, "Tokens a chunk, its second half scored")
        ->check(CLI::Range(8, 1'000'000))
        ->capture_default_str()
        ->group("A text");
    command.add_option("--chunks", w.n_chunks, "Only the first chunks; such a score is not kept")
        ->check(CLI::PositiveNumber)
        ->group("A text");
}

}  // namespace

void add_score_command(CLI::App& app, CommandContext& context) {
    auto* const command =
        app.add_subcommand("score", "Hold stored answers against references, or models against a text");
    auto words = std::make_shared<ScoreWords>();
    add_store_option(*command, words->store);
    command->add_option("run", words->runs, "Runs by number or label (default: the last)");
    command->add_option("--references", words->references,
                        "Reference answers as JSONL (default: the built-in ladder's, or the traffic scene's)");
    command->add_option("--embedder", words->embedder,
                        "Embedding model in GGUF (default: LANDAUER_EMBEDDER, else all-MiniLM-L6-v2 in the cache)");
    command->add_option("--rule", words->rule, "Over several references of a prompt: best or mean")
        ->check(CLI::IsMember({"best", "mean"}))
        ->capture_default_str();
    command->add_option("-t,--threads", words->n_threads, "Threads (default: the cores there are)")
        ->check(CLI::PositiveNumber);
    command->add_option("-o,--output", words->format, "table, md or json")
        ->check(CLI::IsMember({"table", "md", "json"}))
        ->capture_default_str();
    command->add_option("--out", words->out, "File to write (default: stdout)");
    command->add_flag("-v,--verbose", words->per_prompt, "A line an answer, too");
    add_making(*command, *words);
    add_text(*command, *words);
    command->footer(
        "Answers are scored as they were stored: no model is run but the embedder.\n"
        "Examples:\n"
        "  landauer score                                     the last run\n"
        "  landauer score 3 4 --references refs.jsonl -v      two runs, a line an answer\n"
        "  landauer score --make-references -m BIG.gguf --out refs.jsonl\n"
        "  landauer score --make-references --endpoint http://127.0.0.1:8080 --model any --out refs.jsonl\n"
        "  landauer score --text wiki.txt -m SMALL.gguf --base BIG.gguf\n"
        "A key for the endpoint is read from the environment alone, and is neither stored nor shown.");
    command->callback([words, &context] {
        if (auto done = score(*words); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
