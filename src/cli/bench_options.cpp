#include "cli/bench_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace landauer {
namespace {

using Strings = std::vector<std::string>;

// Repeated flags and comma lists add up, as in llama-bench.
Result<std::vector<std::int32_t>> int_values(const Strings& given, std::vector<std::int32_t> otherwise) {
    if (given.empty()) {
        return otherwise;
    }
    std::vector<std::int32_t> values;
    for (const std::string& text : given) {
        auto list = parse_int_list(text);
        if (!list) {
            return tl::unexpected(list.error());
        }
        values.insert(values.end(), list->begin(), list->end());
    }
    return values;
}

Strings word_values(const Strings& given, Strings otherwise) {
    if (given.empty()) {
        return otherwise;
    }
    Strings words;
    for (std::string rest : given) {
        std::size_t comma = 0;
        while ((comma = rest.find(',')) != std::string::npos) {
            words.push_back(rest.substr(0, comma));
            rest.erase(0, comma + 1);
        }
        words.push_back(rest);
    }
    return words;
}

// Every setting in `list` combined with every value.
template <class Value, class Field>
void cross(std::vector<EngineSettings>& list, const std::vector<Value>& values, Field EngineSettings::* field) {
    std::vector<EngineSettings> out;
    for (const EngineSettings& settings : list) {
        for (const Value& value : values) {
            out.push_back(settings);
            out.back().*field = value;
        }
    }
    list = std::move(out);
}

Result<void> check_positive(const std::vector<std::int32_t>& values, const char* flag) {
    if (std::any_of(values.begin(), values.end(), [](std::int32_t v) { return v < 1; })) {
        return fail(ErrorKind::Invalid, fmt::format("{} must be 1 or more.", flag),
                    fmt::format("Give {} 1 or more.", flag));
    }
    return {};
}

// "1", "on" and "enabled" mean the same; so llama-bench reads -fa.
std::string flash_attn_word(const std::string& word) {
    if (word == "1" || word == "on" || word == "enabled") {
        return "on";
    }
    if (word == "0" || word == "off" || word == "disabled") {
        return "off";
    }
    return word == "-1" ? "auto" : word;
}

void add_models(CLI::App& command, BenchOptions& o) {
    command.add_option("-m,--model", o.models,
                       "GGUF file, or several (comma list or repeated); *.fake.json runs a cost model");
    command.add_option("--hf,--hf-repo", o.hf_models, "ORG/REPO[:QUANT] from the local caches (as -hf in llama.cpp)");
}

void add_what_to_run(CLI::App& command, BenchOptions& o) {
    command.add_option("--protocol", o.protocol, "quick, paper or grid")->capture_default_str();
    command.add_option("--prompts", o.prompts, "JSONL file of prompts instead of the built-in ladder P1-P19");
    command
        .add_option("--ladder", o.ladder,
                    "Only so many of the built-in prompts, spread from the shortest to the longest")
        ->check(CLI::Range(1, static_cast<int>(builtin_ladder().size())));
    command.add_flag("--no-chat-template", o.no_chat_template, "Feed the prompts as plain text");
    command.add_flag("--stop-at-end", o.stop_at_end,
                     "Stop at the model's end token instead of always generating -n tokens");
    command.add_flag("--prefix-cache", o.prefix_cache,
                     "Keep the longest common prefix between trials, as chat servers do");
    command.add_option("-r,--repetitions", o.repetitions, "Times each prompt runs (default: the protocol's)");
    command.add_option(
        "--pieces", o.pieces,
        "Cut each repetition into so many pieces; several models take turns piece by piece (default: 1)");
    command.add_option("--seed", o.seed, "Seed of the order, of sampling and of random tokens")->capture_default_str();
    command.add_option("--temp", o.temperature, "Sampling temperature; 0 is greedy")->capture_default_str();
    command.add_option("--top-k", o.top_k, "Sampling: best k tokens")->capture_default_str();
    command.add_option("--top-p", o.top_p, "Sampling: smallest set above this probability")->capture_default_str();
}

void add_engine(CLI::App& command, BenchOptions& o) {
    command.add_option("-p,--n-prompt", o.n_prompt,
                       "grid: prompt tokens; lists 128,256 and ranges 0-512+128, 16-256*2");
    command.add_option("-n,--n-gen", o.n_gen, "Tokens to generate; grid: a list");
    command.add_option("--pg", o.pairs, "grid: prompt and generated tokens together, e.g. 512,128 (also -pg)");
    command.add_option("-d,--n-depth", o.n_depth, "grid: tokens already in the cache");
    command.add_option("-c,--ctx-size", o.n_ctx, "Context size (default: what the largest trial needs)");
    command.add_option("-b,--batch-size", o.n_batch, "Logical batch (default 2048)");
    command.add_option("-u,--ubatch-size,--ub", o.n_ubatch, "Physical batch (default 512; also -ub)");
    command.add_option("-t,--threads", o.n_threads,
                       "Threads (default: one less than the physical cores; see --help below)");
    command.add_option("--fa,--flash-attn", o.flash_attn, "auto, on or off (also -fa)");
    command.add_option("--ctk,--cache-type-k", o.type_k, "K cache type, e.g. f16, q8_0 (also -ctk)");
    command.add_option("--ctv,--cache-type-v", o.type_v, "V cache type (also -ctv)");
    command.add_option("--lm,--load-mode", o.load_mode, "mmap, none, mlock, mmap+mlock or dio (also -lm)");
    command.add_flag("--no-repack", o.no_repack, "Do not repack weights into the CPU's own layout");
    command.add_option("--prio", o.priority, "Process priority, -1 to 3")->capture_default_str();
    command.add_option("--delay", o.delay_s, "Pause before each trial, in seconds (default: the protocol's)");
    command.add_flag("--no-warmup", o.no_warmup, "Skip the warm-up");
}

void add_measuring(CLI::App& command, BenchOptions& o) {
    command.add_option("--rate", o.rate_hz, "Samples a second, 1 to 50 (default: the protocol's, 5)");
    command.add_option("--idle", o.idle_s, "Least length of an idle baseline in seconds (default: the protocol's)");
    command.add_option("--idle-cap", o.idle_cap_s, "Most length of an idle baseline in seconds");
    command
        .add_option("--cooldown", o.cooldown_s,
                    "Longest wait before a trial for the machine to be as fast as at the start; 0: none")
        ->capture_default_str();
    command.add_option("--max-attempts", o.max_attempts, "Times a contended trial is tried")->capture_default_str();
    command
        .add_option("--contention-limit", o.contention_percent,
                    "Other programs' CPU use, in % of one core, from which a trial is spoiled")
        ->capture_default_str();
    add_meter_option(command, o.meters);
    command
        .add_option("--target-error", o.target_error_percent,
                    "Error of net energy to reach, in %: the report says how many repetitions that takes")
        ->transform(without_percent_sign())
        ->check(CLI::Range(0.01, 100.0, std::string()))
        ->type_name("PERCENT");
    command.add_flag("--staircase", o.staircase,
                     "Begin with 30 s of stepped load, by which another meter's recording is aligned (runs attach)");
    command.add_flag("--strict", o.strict,
                     "Refuse contaminated idle baselines instead of flagging them, and estimates in place of joules");
    command.add_flag("--rerun", o.rerun, "Run again what the store already holds");
    command.add_flag("--dry-run", o.dry_run, "Show what would run, and stop");
}

void add_where_to_keep(CLI::App& command, BenchOptions& o) {
    command
        .add_option("--store", o.store,
                    "SQLite file that holds the measurements; an interrupted plan continues from it")
        ->capture_default_str();
    command.add_option("--label", o.label, "A name for the run");
    command.add_flag("--progress", o.progress, "A line for each finished trial on stderr");
}

void add_output(CLI::App& command, BenchOptions& o) {
    command.add_option("-o,--output", o.format, "Output format: table, md, csv, json, jsonl, sql")
        ->capture_default_str();
    command.add_option("--out", o.out, "File for that output (default: stdout)");
    command.add_option("--report", o.report, "Also write an HTML report there");
}

}  // namespace

CLI::Validator without_percent_sign() {
    return CLI::Validator(
        [](std::string& text) {
            if (!text.empty() && text.back() == '%') {
                text.pop_back();
            }
            return std::string();
        },
        std::string());
}

void add_bench_options(CLI::App& command, BenchOptions& o) {
    command.option_defaults()->group("What to run");
    add_models(command, o);
    add_run_options(command, o);
    add_output(command, o);
}

void add_run_options(CLI::App& command, BenchOptions& o) {
    command.option_defaults()->group("What to run");
    add_what_to_run(command, o);
    command.option_defaults()->group("Pictures");
    add_image_options(command, o.images);
    command.option_defaults()->group("Engine");
    add_engine(command, o);
    command.option_defaults()->group("Measuring");
    add_measuring(command, o);
    command.option_defaults()->group("Output");
    add_where_to_keep(command, o);
}

Result<std::vector<EngineSettings>> settings_of(const BenchOptions& o, const std::filesystem::path& model,
                                                std::int32_t default_threads) {
    EngineSettings base;
    base.model = model;
    base.n_ctx = o.n_ctx;
    base.repack = !o.no_repack;
    base.prefix_cache = o.prefix_cache;
    std::vector<EngineSettings> list = {base};
    struct IntFlag {
        const Strings& given;
        std::int32_t otherwise;
        std::int32_t EngineSettings::* field;
        const char* flag;
    };
    for (const IntFlag& flag : {IntFlag{o.n_threads, default_threads, &EngineSettings::n_threads, "-t"},
                                IntFlag{o.n_batch, base.n_batch, &EngineSettings::n_batch, "-b"},
                                IntFlag{o.n_ubatch, base.n_ubatch, &EngineSettings::n_ubatch, "-ub"}}) {
        auto values = int_values(flag.given, {flag.otherwise});
        if (!values) {
            return tl::unexpected(values.error());
        }
        if (auto positive = check_positive(*values, flag.flag); !positive) {
            return tl::unexpected(positive.error());
        }
        cross(list, *values, flag.field);
    }
    Strings flash_attn = word_values(o.flash_attn, {base.flash_attn});
    std::transform(flash_attn.begin(), flash_attn.end(), flash_attn.begin(), flash_attn_word);
    cross(list, flash_attn, &EngineSettings::flash_attn);
    cross(list, word_values(o.type_k, {base.type_k}), &EngineSettings::type_k);
    cross(list, word_values(o.type_v, {base.type_v}), &EngineSettings::type_v);
    cross(list, word_values(o.load_mode, {base.load_mode}), &EngineSettings::load_mode);
    return list;
}

std::map<std::string, std::string> settings_fields(const EngineSettings& s, const BenchOptions& o) {
    std::map<std::string, std::string> fields = {
        {"n_ctx", std::to_string(s.n_ctx)},
        {"n_batch", std::to_string(s.n_batch)},
        {"n_ubatch", std::to_string(s.n_ubatch)},
        {"n_threads", std::to_string(s.n_threads)},
        {"type_k", s.type_k},
        {"type_v", s.type_v},
        {"flash_attn", s.flash_attn},
        {"load_mode", s.load_mode},
        {"repack", s.repack ? "1" : "0"},
        {"prefix_cache", s.prefix_cache ? "1" : "0"},
        {"chat_template", o.no_chat_template ? "0" : "1"},
        {"stop_at_end", o.stop_at_end ? "1" : "0"},
        {"temperature", fmt::format("{:g}", o.temperature)},
        {"warmup", o.no_warmup ? "0" : "1"},
        {"contention_limit", fmt::format("{:g}", o.contention_percent)},
        {"priority", std::to_string(o.priority)},
    };
    if (!o.meters.meters.empty()) {
        fields["meter"] = fmt::format("{}", fmt::join(meter_names(o.meters), ","));
    }
    if (o.target_error_percent) {
        fields["target_error"] = fmt::format("{:g}", *o.target_error_percent);
    }
    if (o.temperature > 0.0F) {
        fields["top_k"] = std::to_string(o.top_k);
        fields["top_p"] = fmt::format("{:g}", o.top_p);
    }
    return fields;
}

namespace {

Result<void> fill_grid(const BenchOptions& o, PlanRequest& request) {
    const bool nothing_given = o.n_prompt.empty() && o.n_gen.empty() && o.pairs.empty();
    GridLists lists;
    struct List {
        const Strings& given;
        std::vector<std::int32_t> otherwise;
        std::vector<std::int32_t>& into;
    };
    for (const List& list : {List{o.n_prompt, nothing_given ? std::vector{512} : std::vector<int>{}, lists.n_prompt},
                             List{o.n_gen, nothing_given ? std::vector{128} : std::vector<int>{}, lists.n_gen},
                             List{o.n_depth, {0}, lists.n_depth}}) {
        auto values = int_values(list.given, list.otherwise);
        if (!values) {
            return tl::unexpected(values.error());
        }
        list.into = std::move(*values);
    }
    for (const std::string& text : o.pairs) {
        auto pair = parse_pair(text);
        if (!pair) {
            return tl::unexpected(pair.error());
        }
        lists.pairs.push_back(*pair);
    }
    request.grid = grid_tests(lists);
    return {};
}

Result<void> fill_images(const BenchOptions& o, const Protocol& protocol, const ImageLadder& pictures,
                         PlanRequest& request) {
    if (protocol.is_grid) {
        return fail(ErrorKind::Invalid, "The grid protocol runs synthetic tokens, which are no picture's question.",
                    "Use --protocol quick or paper with --mmproj.");
    }
    if (!o.prompts.empty()) {
        auto prompts = read_prompts(o.prompts);
        if (!prompts) {
            return tl::unexpected(prompts.error());
        }
        request.prompts = std::move(*prompts);
    } else {
        request.prompts = {pictures.question};
    }
    request.images = pictures.sizes;
    return {};
}

// The first, the last and those between at even distances; one: the middle.
std::vector<Prompt> spread_ladder(int n) {
    const std::vector<Prompt>& all = builtin_ladder();
    const auto wanted = static_cast<std::size_t>(n);
    if (n < 1 || wanted >= all.size()) return all;
    if (n == 1) return {all[all.size() / 2]};
    std::vector<Prompt> out;
    out.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
        out.push_back(all[(i * (all.size() - 1) + (wanted - 1) / 2) / (wanted - 1)]);
    }
    return out;
}

Result<void> fill_ladder(const BenchOptions& o, const Protocol& protocol, const ImageLadder* pictures,
                         PlanRequest& request) {
    if (!o.n_prompt.empty() || !o.pairs.empty() || !o.n_depth.empty()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("-p, -pg and -d make synthetic prompts, which the protocol \"{}\" does not run.",
                                protocol.name),
                    "Add --protocol grid, or leave them out.");
    }
    auto n_gen = int_values(o.n_gen, {pictures == nullptr ? protocol.n_gen : protocol.n_gen_image});
    if (!n_gen) {
        return tl::unexpected(n_gen.error());
    }
    if (n_gen->size() != 1) {
        return fail(ErrorKind::Invalid, "A ladder generates one number of tokens for every prompt.",
                    "Give -n one number, or use --protocol grid.");
    }
    request.n_gen = n_gen->front();
    if (pictures != nullptr) {
        return fill_images(o, protocol, *pictures, request);
    }
    if (o.prompts.empty()) {
        request.prompts = spread_ladder(o.ladder);
        return {};
    }
    if (o.ladder != 0) {
        return fail(ErrorKind::Invalid, "--ladder chooses among the built-in prompts, and --prompts names others.",
                    "Leave one of them out.");
    }
    auto prompts = read_prompts(o.prompts);
    if (!prompts) {
        return tl::unexpected(prompts.error());
    }
    request.prompts = std::move(*prompts);
    return {};
}

}  // namespace

Result<PlanRequest> plan_request_of(const BenchOptions& o, const Protocol& protocol, const ImageLadder* pictures) {
    PlanRequest request;
    request.protocol = protocol.name;
    request.repetitions = o.repetitions.value_or(protocol.repetitions);
    request.seed = o.seed;
    auto filled =
        protocol.is_grid && pictures == nullptr ? fill_grid(o, request) : fill_ladder(o, protocol, pictures, request);
    if (!filled) {
        return tl::unexpected(filled.error());
    }
    return request;
}

}  // namespace landauer
