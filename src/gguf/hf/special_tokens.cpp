#include "gguf/hf/special_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "gguf/hf/json_file.h"

namespace landauer {
namespace {

using nlohmann::json;
using Ids = std::unordered_map<std::string, std::int64_t>;

// Hugging Face's word, GGUF's word (with its spelling).
constexpr std::array kKinds = {std::pair{"bos", "bos"},     std::pair{"eos", "eos"},       std::pair{"eot", "eot"},
                               std::pair{"unk", "unknown"}, std::pair{"sep", "seperator"}, std::pair{"pad", "padding"},
                               std::pair{"mask", "mask"}};

std::string text_of(const json& entry) {
    return entry.is_string() ? entry.get<std::string>() : text_member(entry, "content");
}

// One id, or the first of a list.
std::vector<std::int64_t> numbers_of(const json& value, std::int64_t n_vocab) {
    std::vector<std::int64_t> numbers;
    const auto take = [&](const json& one) {
        const auto id = whole_number(one);
        if (id && *id < static_cast<std::uint64_t>(n_vocab)) numbers.push_back(static_cast<std::int64_t>(*id));
    };
    if (value.is_array())
        std::for_each(value.begin(), value.end(), take);
    else
        take(value);
    return numbers;
}

std::optional<std::int64_t> find_id(const HfTokenizerFiles& files, const Ids& ids, const std::string& kind,
                                    std::int64_t n_vocab) {
    for (const json* file : {&files.settings, &files.special_map}) {
        const std::string text = text_of(member(*file, kind + "_token"));
        if (const auto found = ids.find(text); !text.empty() && found != ids.end()) return found->second;
    }
    const json& nested = member(files.config, "text_config");
    for (const json* file : std::array<const json*, 3>{&files.config, &nested, &files.generation}) {
        const auto numbers = numbers_of(member(*file, kind + "_token_id"), n_vocab);
        if (!numbers.empty()) return numbers.front();
    }
    return std::nullopt;
}

// What stands around each text by a template; empty: nothing.
struct Around {
    bool is_stated = false;
    std::string before;
    std::string after;
};

Around read_post_processor(const json& post) {
    Around around;
    const bool is_sequence = text_member(post, "type") == "Sequence";
    const json one = json::array({post});
    for (const json& step : is_sequence ? list_member(post, "processors") : one) {
        const std::string type = text_member(step, "type");
        around.is_stated = around.is_stated || type == "ByteLevel" || type == "TemplateProcessing";
        const json& parts = member(step, "single");
        if (type != "TemplateProcessing" || !parts.is_array() || parts.size() < 2) continue;
        around.before = text_member(member(parts.front(), "SpecialToken"), "id");
        around.after = text_member(member(parts.back(), "SpecialToken"), "id");
    }
    return around;
}

// Whether each text gets the token of that kind on that side.
bool adds(const std::string& text, const std::string& kind, const Ids& ids, HfTokenizer& tokenizer) {
    const auto found = ids.find(text);
    if (text.empty() || found == ids.end()) return false;
    const auto id = tokenizer.ids.emplace(kind, found->second).first->second;
    if (id == found->second) return true;
    tokenizer.notes.push_back(fmt::format(
        "The tokenizer puts {} around each text, which is not its {} token: llama.cpp will not.", text, kind));
    return false;
}

// Where texts and turns of a chat end differently, generation stops at either. llama.cpp finds the end of a text by
// itself.
void take_end_of_turn(const HfTokenizerFiles& files, const Ids& ids, std::int64_t n_vocab, HfTokenizer& tokenizer) {
    const auto eos = tokenizer.ids.find("eos");
    if (eos == tokenizer.ids.end()) return;
    for (const char* text : {"<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>"}) {
        const auto found = ids.find(text);
        if (found != ids.end() && found->second == eos->second) return;
    }
    for (const std::int64_t id : numbers_of(member(files.generation, "eos_token_id"), n_vocab)) {
        if (id != eos->second) tokenizer.ids.emplace("eot", id);
    }
}

}  // namespace

void take_special_tokens(const HfTokenizerFiles& files, const Ids& ids, std::int64_t n_vocab, HfTokenizer& tokenizer) {
    for (const auto& [theirs, ours] : kKinds) {
        if (const auto id = find_id(files, ids, theirs, n_vocab)) tokenizer.ids[ours] = *id;
    }
    take_end_of_turn(files, ids, n_vocab, tokenizer);
    const Around around = read_post_processor(member(files.tokenizer, "post_processor"));
    if (around.is_stated) {
        tokenizer.add_bos = adds(around.before, "bos", ids, tokenizer);
        tokenizer.add_eos = adds(around.after, "eos", ids, tokenizer);
    } else {
        tokenizer.add_bos = flag_member(files.settings, "add_bos_token", false) && tokenizer.ids.contains("bos");
        tokenizer.add_eos = flag_member(files.settings, "add_eos_token", false) && tokenizer.ids.contains("eos");
    }
}

}  // namespace landauer
