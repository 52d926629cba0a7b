#include "gguf/hf/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "gguf/hf/json_file.h"
#include "gguf/hf/pre_tokenizer.h"
#include "gguf/hf/special_tokens.h"
#include "gguf/hf/vocabulary.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kLowerBar = "\xE2\x96\x81";  // what stands for a blank

tl::unexpected<Error> refuse(std::string what) {
    return fail(ErrorKind::Invalid, std::move(what),
                "Supported are byte-level byte-pair encoding, and SentencePiece's with bytes for what is left.");
}

// The steps of a Sequence, or the one step that there is.
std::vector<json> steps_of(const json& step, const char* key) {
    if (step.is_null()) return {};
    if (text_member(step, "type") != "Sequence") return {step};
    const json& steps = list_member(step, key);
    return {steps.begin(), steps.end()};
}

// A blank as the bytes of a merge's parts have it, where a blank separates them.
std::string without_blanks(const std::string& part) {
    std::string text;
    for (const char c : part) text += c == ' ' ? std::string("\xC4\xA0") : std::string(1, c);
    return text;
}

Result<void> take_byte_level(const HfTokenizerFiles& files, const std::string& pre, const HfVocabulary& vocabulary,
                             HfTokenizer& tokenizer) {
    for (const json& step : steps_of(member(files.tokenizer, "normalizer"), "normalizers")) {
        const std::string type = text_member(step, "type");
        if (type != "NFC") return refuse(fmt::format("tokenizer.json changes text by {} before it is cut.", type));
    }
    tokenizer.model = "gpt2";
    tokenizer.pre = pre;
    if (pre.empty()) {
        auto recognised = recognise_pre_tokenizer(files.tokenizer);
        if (!recognised) return tl::unexpected(recognised.error());
        tokenizer.pre = std::move(*recognised);
    }
    if (vocabulary.merges.empty()) return refuse("tokenizer.json has no merges.");
    tokenizer.merges.reserve(vocabulary.merges.size());
    for (const auto& [left, right] : vocabulary.merges) {
        tokenizer.merges.push_back(without_blanks(left) + " " + without_blanks(right));
    }
    return {};
}

// Whether text gets a blank before its first word; nothing: rules that are not SentencePiece's.
std::optional<bool> blank_before(const json& tokenizer) {
    bool replaces = false;
    bool prepends = false;
    for (const json& step : steps_of(member(tokenizer, "normalizer"), "normalizers")) {
        const std::string type = text_member(step, "type");
        const bool is_blank = type == "Replace" && text_member(member(step, "pattern"), "String") == " " &&
                              text_member(step, "content") == kLowerBar;
        const bool is_begin = type == "Prepend" && text_member(step, "prepend") == kLowerBar;
        if (!is_blank && !is_begin) return std::nullopt;
        replaces = replaces || is_blank;
        prepends = prepends || is_begin;
    }
    for (const json& step : steps_of(member(tokenizer, "pre_tokenizer"), "pretokenizers")) {
        const bool is_bar = text_member(step, "type") == "Metaspace" && text_member(step, "replacement") == kLowerBar &&
                            !flag_member(step, "split", false) && !replaces;
        if (!is_bar) return std::nullopt;
        replaces = true;
        const std::string scheme = text_member(step, "prepend_scheme");
        prepends = scheme.empty() ? flag_member(step, "add_prefix_space", true) : scheme != "never";
    }
    if (!replaces) return std::nullopt;
    return prepends;
}

Result<void> take_sentence_pieces(const HfTokenizerFiles& files, HfVocabulary& vocabulary, HfTokenizer& tokenizer) {
    tokenizer.add_space_prefix = blank_before(files.tokenizer);
    if (!tokenizer.add_space_prefix) {
        return refuse("tokenizer.json falls back to bytes, but does not treat blanks as SentencePiece does.");
    }
    auto scores = scores_of_merges(vocabulary);
    if (!scores) return tl::unexpected(scores.error());
    tokenizer.model = "llama";
    tokenizer.pre = "default";
    tokenizer.scores = std::move(*scores);
    const std::string unknown = text_member(member(files.tokenizer, "model"), "unk_token");
    if (const auto found = vocabulary.ids.find(unknown); found != vocabulary.ids.end()) {
        vocabulary.kinds[static_cast<std::size_t>(found->second)] = TokenKind::Unknown;
    }
    return {};
}

Result<void> check_model(const json& model) {
    const std::string type = text_member(model, "type");
    if (type != "BPE" && !(type.empty() && model.contains("merges"))) {
        return refuse(fmt::format("tokenizer.json is of the kind {}.", type.empty() ? "none" : type));
    }
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (!text_member(model, key).empty()) return refuse(fmt::format("tokenizer.json sets {}.", key));
    }
    return {};
}

void take_templates(const HfTokenizerFiles& files, HfTokenizer& tokenizer) {
    const json& stated = member(files.settings, "chat_template");
    if (stated.is_string()) tokenizer.chat_templates[""] = stated.get<std::string>();
    for (const json& entry : list_member(files.settings, "chat_template")) {
        const std::string name = text_member(entry, "name");
        const std::string text = text_member(entry, "template");
        if (!text.empty()) tokenizer.chat_templates[name == "default" ? "" : name] = text;
    }
    if (files.chat_template) tokenizer.chat_templates[""] = *files.chat_template;
}

}  // namespace

Result<HfTokenizerFiles> read_tokenizer_files(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::exists(folder / "tokenizer.json", ignored)) {
        const bool has_pieces = fs::exists(folder / "tokenizer.model", ignored);
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has no tokenizer.json{}.", folder.string(),
                                has_pieces ? ", only a SentencePiece tokenizer.model" : ""),
                    has_pieces
                        ? "Convert it with llama.cpp's convert_hf_to_gguf.py, or add the tokenizer.json that the "
                          "transformers library saves."
                        : "Download it with the rest of the folder.");
    }
    HfTokenizerFiles files;
    const auto take = [&](json& into, const char* name) -> Result<void> {
        auto read = read_json_object_if_there(folder / name);
        if (!read) return tl::unexpected(read.error());
        into = std::move(*read);
        return {};
    };
    const std::array<std::pair<json*, const char*>, 5> all = {{{&files.tokenizer, "tokenizer.json"},
                                                               {&files.settings, "tokenizer_config.json"},
                                                               {&files.special_map, "special_tokens_map.json"},
                                                               {&files.generation, "generation_config.json"},
                                                               {&files.config, "config.json"}}};
    for (const auto& [into, name] : all) {
        if (auto good = take(*into, name); !good) return tl::unexpected(good.error());
    }
    auto text = read_text_if_there(folder / "chat_template.jinja");
    if (!text) return tl::unexpected(text.error());
    files.chat_template = std::move(*text);
    return files;
}

Result<HfTokenizer> read_hf_tokenizer(const HfTokenizerFiles& files, std::int64_t n_vocab, const std::string& pre) {
    const json& model = member(files.tokenizer, "model");
    if (auto good = check_model(model); !good) return tl::unexpected(good.error());
    if (!pre.empty()) {
        if (auto good = check_pre_tokenizer_name(pre); !good) return tl::unexpected(good.error());
    }
    auto vocabulary = read_hf_vocabulary(files, n_vocab);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    HfTokenizer tokenizer;
    auto taken = flag_member(model, "byte_fallback", false) ? take_sentence_pieces(files, *vocabulary, tokenizer)
                                                            : take_byte_level(files, pre, *vocabulary, tokenizer);
    if (!taken) return tl::unexpected(taken.error());
    take_special_tokens(files, vocabulary->ids, n_vocab, tokenizer);
    take_templates(files, tokenizer);
    tokenizer.kinds.reserve(vocabulary->kinds.size());
    for (std::size_t id = 0; id < vocabulary->kinds.size(); ++id) {
        const TokenKind kind = vocabulary->kinds[id];
        tokenizer.kinds.push_back(static_cast<std::int32_t>(kind));
        std::string& text = vocabulary->tokens[id];
        // What users wrote is matched against the text itself, where a blank is a blank.
        if (kind == TokenKind::UserDefined) {
            for (std::size_t at = text.find(kLowerBar); at != std::string::npos; at = text.find(kLowerBar)) {
                text.replace(at, 3, " ");
            }
        }
    }
    tokenizer.tokens = std::move(vocabulary->tokens);
    return tokenizer;
}

}  // namespace landauer
