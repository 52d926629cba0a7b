#include "gguf/hf/pre_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "gguf/hf/json_file.h"

namespace landauer {
namespace {

using nlohmann::json;

// Rules in one line: their steps in turn, then whether a word that is in the vocabulary is taken without merging.
struct KnownRules {
    std::string_view name;
    std::string_view rules;
    bool whole_words;
};

// ByteLevel cuts by GPT-2's own expression unless told not to.
constexpr std::string_view kGpt2 = "bytes by words";
constexpr std::string_view kDigitsThenGpt2 = "digit|bytes by words";
// Contractions, words with one mark before, numbers, marks, line ends, blanks: they differ in the numbers.
constexpr std::string_view kOneDigit =
    R"(split (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+|bytes)";
constexpr std::string_view kThreeDigits =
    R"(split (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+|bytes)";
// As the first, with accents that are characters of their own taken as part of a word.
constexpr std::string_view kOneDigitAndAccents =
    R"(split (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+|bytes)";

constexpr std::array kKnown = {
    KnownRules{"gpt-2", kGpt2, false},
    KnownRules{"smollm", kDigitsThenGpt2, false},
    KnownRules{"qwen2", kOneDigit, false},
    KnownRules{"llama-bpe", kThreeDigits, true},
    KnownRules{"smaug-bpe", kThreeDigits, false},
    KnownRules{"qwen35", kOneDigitAndAccents, false},
};

// Known to llama.cpp as well; their rules do not tell them apart, or take more than one expression.
constexpr std::array<std::string_view, 12> kByHand = {
    "default", "starcoder", "refact",       "command-r",      "codeshell", "olmo",
    "gpt-4o",  "tekken",    "deepseek-llm", "deepseek-coder", "dbrx",      "deepseek-r1-qwen",
};

std::string known_names() {
    std::vector<std::string_view> names;
    names.reserve(std::size(kKnown));
    for (const KnownRules& known : kKnown) names.push_back(known.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

// A step's words; nothing: a kind or setting that has none.
std::optional<std::string> step_words(const json& step) {
    const std::string type = text_member(step, "type");
    if (type == "ByteLevel") {
        if (flag_member(step, "add_prefix_space", true)) return std::nullopt;
        return flag_member(step, "use_regex", true) ? "bytes by words" : "bytes";
    }
    if (type == "Digits" && flag_member(step, "individual_digits", false)) return "digit";
    const bool cuts =
        type == "Split" && text_member(step, "behavior") == "Isolated" && !flag_member(step, "invert", false);
    const std::string expression = text_member(member(step, "pattern"), "Regex");
    if (cuts && !expression.empty()) return "split " + expression;
    return std::nullopt;
}

std::optional<std::string> rules_of(const json& pre_tokenizer) {
    if (text_member(pre_tokenizer, "type") != "Sequence") return step_words(pre_tokenizer);
    std::string rules;
    for (const json& step : list_member(pre_tokenizer, "pretokenizers")) {
        const auto words = step_words(step);
        if (!words) return std::nullopt;
        rules += (rules.empty() ? "" : "|") + *words;
    }
    return rules;
}

std::string shortened(std::string text) {
    constexpr std::size_t kMost = 160;
    if (text.size() > kMost) text = text.substr(0, kMost) + "...";
    std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7E; }, '?');
    return text;
}

}  // namespace

Result<std::string> recognise_pre_tokenizer(const json& tokenizer) {
    const json& pre_tokenizer = member(tokenizer, "pre_tokenizer");
    const bool whole_words = flag_member(member(tokenizer, "model"), "ignore_merges", false);
    const auto rules = rules_of(pre_tokenizer);
    for (const KnownRules& known : kKnown) {
        if (rules && *rules == known.rules && known.whole_words == whole_words) return std::string(known.name);
    }
    return fail(ErrorKind::Invalid,
                fmt::format("tokenizer.json cuts text in a way that is not known here{}: {}.",
                            whole_words ? " (and takes whole words without merging)" : "",
                            shortened(pre_tokenizer.dump(-1, ' ', false, json::error_handler_t::replace))),
                fmt::format("Known are the rules of {}; if you know which of llama.cpp's it is, name it: --pre NAME.",
                            known_names()));
}

Result<void> check_pre_tokenizer_name(const std::string& name) {
    const bool is_known =
        std::any_of(kKnown.begin(), kKnown.end(), [&](const KnownRules& known) { return known.name == name; }) ||
        std::find(kByHand.begin(), kByHand.end(), name) != kByHand.end();
    if (is_known) return {};
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no way of cutting text that is known here.", name),
                fmt::format("Use one of {}, {}.", known_names(), fmt::join(kByHand, ", ")));
}

}  // namespace landauer
