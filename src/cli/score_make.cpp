#include "cli/score_make.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "cli/command.h"
#include "platform/signals.h"
#include "platform/text.h"
#include "platform/topology.h"
#include "score/endpoint_source.h"
#include "score/engine_source.h"
#include "score/make_references.h"
#include "score/run_prompts.h"
#include "store/store.h"

namespace landauer {
namespace {

constexpr double kMillion = 1e6;

// Per million tokens, in whatever currency the endpoint's price list is.
struct Price {
    double in = 0.0;
    double out = 0.0;
};

Result<std::optional<Price>> price_from(const std::string& text) {
    if (text.empty()) {
        return std::optional<Price>{};
    }
    const std::size_t comma = text.find(',');
    const auto in = parse_real(std::string_view(text).substr(0, comma));
    const auto out = comma == std::string::npos ? std::nullopt : parse_real(std::string_view(text).substr(comma + 1));
    if (!in || !out || *in < 0.0 || *out < 0.0) {
        return fail(ErrorKind::Invalid, fmt::format("'{}' is no price of input and output tokens.", text),
                    "Write what a million of each costs, like --price-per-mtoken 0.15,0.60.");
    }
    return std::optional(Price{*in, *out});
}

std::string environment(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::string() : std::string(trim(value));
}

struct Key {
    std::string name;
    std::string value;  // empty: none, as a server of one's own needs none
};

Result<Key> key_from(const std::string& asked_for) {
    Key key;
    const std::vector<std::string> names = asked_for.empty()
                                               ? std::vector<std::string>{"LANDAUER_API_KEY", "OPENAI_API_KEY"}
                                               : std::vector<std::string>{asked_for};
    for (const std::string& name : names) {
        if (key.value.empty()) {
            key = {name, environment(name)};
        }
    }
    if (!asked_for.empty() && key.value.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("The environment variable {} holds no key.", asked_for),
                    fmt::format("Set it for this command: {}=... landauer score ...", asked_for));
    }
    const bool clean = std::all_of(key.value.begin(), key.value.end(), [](char c) { return c > ' ' && c < 0x7F; });
    if (!clean) {
        return fail(ErrorKind::Invalid, fmt::format("The key in {} holds characters that no key has.", key.name),
                    "Copy it again, without blanks or line ends.");
    }
    return key;
}

// Sleeps in small steps; false: interrupted.
bool wait(double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
        if (interrupt_requested()) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return !interrupt_requested();
}

Result<std::unique_ptr<AnswerSource>> endpoint_of(const ScoreWords& words) {
    if (words.endpoint_model.empty()) {
        return fail(ErrorKind::Invalid, "The endpoint's model is not named.",
                    "Name it as the endpoint does, with --model NAME.");
    }
    auto url = http_url_from(words.endpoint);
    if (!url) {
        return tl::unexpected(url.error());
    }
    auto key = key_from(words.key_env);
    if (!key) {
        return tl::unexpected(key.error());
    }
    if (!key->value.empty() && !url->is_https && !url->is_this_machine()) {
        talk(fmt::format("The key in {} goes to {} unencrypted; https:// would keep it secret.\n", key->name,
                         url->host_words()));
    }
    EndpointSettings settings;
    settings.url = chat_url(std::move(*url));
    settings.model = words.endpoint_model;
    settings.key = std::move(key->value);
    settings.key_name = std::move(key->name);
    settings.n_gen = words.n_gen;
    settings.timeout_ms = static_cast<int>(words.timeout_s * 1e3);
    return make_endpoint_source(std::move(settings), wait, [](const std::string& why, double seconds) {
        talk(fmt::format("{} Asking again in {:.0f} s.\n", why, seconds));
    });
}

Result<std::unique_ptr<AnswerSource>> source_of(const ScoreWords& words) {
    if (words.model.empty() == words.endpoint.empty()) {
        return fail(ErrorKind::Invalid, "Who should answer is not clear.",
                    "Give a model that runs here with -m MODEL.gguf, or --endpoint URL --model NAME.");
    }
    if (!words.endpoint.empty()) {
        return endpoint_of(words);
    }
    EngineSourceSettings settings;
    settings.model = words.model;
    settings.n_gen = words.n_gen;
    settings.n_threads = words.n_threads > 0 ? words.n_threads : read_topology().usable_cores();
    return open_engine_source(settings, &interrupt_requested);
}

Result<void> add_prompts_of(Store& store, const std::string& name, std::vector<Prompt>& prompts) {
    const auto id = store.find_run(name);
    if (!id) {
        return tl::unexpected(id.error());
    }
    const auto run = store.read_run(*id);
    if (!run) {
        return tl::unexpected(run.error());
    }
    if (run->run.settings.contains("image")) {
        return fail(ErrorKind::Invalid, fmt::format("Run {} asks about a picture, which is not sent anywhere.", *id),
                    "The traffic scene has references of its own; for your picture write some: one JSON object a "
                    "line with \"id\" and \"answer\".");
    }
    auto asked = prompts_of(run->run);
    if (!asked) {
        return tl::unexpected(asked.error());
    }
    for (Prompt& prompt : *asked) {
        if (std::find(prompts.begin(), prompts.end(), prompt) == prompts.end()) {
            prompts.push_back(std::move(prompt));
        }
    }
    return {};
}

// Of a file, of runs, or where nothing was named and nothing measured: the built-in ladder.
Result<std::vector<Prompt>> questions_of(const ScoreWords& words) {
    if (!words.prompts.empty()) {
        return read_prompts(words.prompts);
    }
    std::error_code unused;
    if (words.runs.empty() && !std::filesystem::exists(words.store, unused)) {
        return builtin_ladder();
    }
    auto store = Store::open_existing(words.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    std::vector<Prompt> prompts;
    for (const std::string& name : words.runs.empty() ? std::vector<std::string>{"last"} : words.runs) {
        if (auto added = add_prompts_of(*store, name, prompts); !added) {
            return tl::unexpected(added.error());
        }
    }
    if (prompts.empty()) {
        return fail(ErrorKind::Invalid, "What was named asks nothing.",
                    "Name runs of prompts, or a prompts file with --prompts.");
    }
    return prompts;
}

std::string report_words(const MakeReport& report, const std::string& source, const std::filesystem::path& out,
                         const std::optional<Price>& price) {
    std::string text = fmt::format("{} {} by {} added to {}", report.n_made, report.n_made == 1 ? "answer" : "answers",
                                   source, out.string());
    text += report.n_found > 0 ? fmt::format(", {} were there.\n", report.n_found) : ".\n";
    if (report.n_prompt + report.n_gen > 0) {
        text += fmt::format("{} tokens in, {} out", report.n_prompt, report.n_gen);
        if (price) {
            const double cost =
                (static_cast<double>(report.n_prompt) * price->in + static_cast<double>(report.n_gen) * price->out) /
                kMillion;
            text += fmt::format(": {:.4f} by your price", cost);
        }
        text += ".\n";
    }
    if (!report.cut_off.empty()) {
        text += fmt::format("Cut off by the limit of tokens: {}. A larger -n and a new --out give them whole.\n",
                            fmt::join(report.cut_off, ", "));
    }
    return text;
}

}  // namespace

Result<void> make_references_by_words(const ScoreWords& words) {
    if (words.out.empty() || words.out == "-") {
        return fail(ErrorKind::Invalid, "No file for the reference answers is named.",
                    "Name one with --out FILE; answers are added to it one by one.");
    }
    const auto price = price_from(words.price);
    if (!price) {
        return tl::unexpected(price.error());
    }
    const auto questions = questions_of(words);
    if (!questions) {
        return tl::unexpected(questions.error());
    }
    const auto source = source_of(words);
    if (!source) {
        return tl::unexpected(source.error());
    }
    MakeReport report;
    const auto progress = [](int done, int total, const std::string& id) {
        talk(fmt::format("[{}/{}] {}\n", done + 1, total, id));
    };
    const auto done = make_references(*questions, **source, words.out, &interrupt_requested, progress, report);
    talk(report_words(report, (*source)->name(), words.out, *price));
    return done;
}

}  // namespace landauer
