#include <gmock/gmock.h>

#include <functional>

#include "gguf/hf/pre_tokenizer.h"
#include "gguf/hf/tokenizer.h"
#include "gguf/hf/vocabulary.h"
#include "gguf_testing.h"
#include "hf_testing.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Pair;
using testing::tokenizer_json;
using testing::tokenizer_settings;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kVocab = 272;

HfTokenizerFiles files_of(json tokenizer, json settings = tokenizer_settings()) {
    HfTokenizerFiles files;
    files.tokenizer = std::move(tokenizer);
    files.settings = std::move(settings);
    return files;
}

HfTokenizer read(const HfTokenizerFiles& files, const std::string& pre = "") {
    auto tokenizer = read_hf_tokenizer(files, kVocab, pre);
    EXPECT_TRUE(tokenizer) << tokenizer.error().sentence;
    return tokenizer ? *tokenizer : HfTokenizer{};
}

std::string said(const HfTokenizerFiles& files, std::int64_t n_vocab = kVocab) {
    const auto tokenizer = read_hf_tokenizer(files, n_vocab, "");
    if (tokenizer) return "";
    EXPECT_EQ(tokenizer.error().kind, ErrorKind::Invalid);
    EXPECT_FALSE(tokenizer.error().remedy.empty());
    return tokenizer.error().sentence;
}

TEST(HfTokenizer, TokensKindsAndMergesOfABytesTokenizer) {
    const HfTokenizer tokenizer = read(files_of(tokenizer_json()));
    EXPECT_EQ(tokenizer.model, "gpt2");
    EXPECT_EQ(tokenizer.pre, "qwen2");
    ASSERT_EQ(tokenizer.tokens.size(), 272U);
    EXPECT_EQ(tokenizer.tokens['A'], "A");
    EXPECT_EQ(tokenizer.tokens[256], "<|begin|>");
    EXPECT_EQ(tokenizer.tokens[260], "the");
    EXPECT_EQ(tokenizer.tokens[262], "[PAD262]");
    EXPECT_EQ(tokenizer.kinds['A'], 1);
    EXPECT_EQ(tokenizer.kinds[256], 3);
    EXPECT_EQ(tokenizer.kinds[258], 4);
    EXPECT_EQ(tokenizer.kinds[262], 5);
    EXPECT_THAT(tokenizer.merges, ElementsAre("t h", "th e", "\xC4\xA0 the"));
    EXPECT_THAT(tokenizer.ids, UnorderedElementsAre(Pair("bos", 256), Pair("eos", 257)));
    EXPECT_THAT(tokenizer.chat_templates, ElementsAre(Pair("", "{{ messages }}")));
    EXPECT_FALSE(tokenizer.add_bos);
    EXPECT_TRUE(tokenizer.scores.empty());
}

TEST(HfTokenizer, MergesMayBePairsAndTheirBlanksAreSpelt) {
    json tokenizer = tokenizer_json();
    tokenizer["model"]["merges"] =
        json::array({json::array({"t", "h"}), json::array({"th", "e"}), json::array({" ", "the"})});
    EXPECT_EQ(read(files_of(tokenizer)).merges, read(files_of(tokenizer_json())).merges);
    for (const json& bad : {json("th"), json("t "), json({"t"}), json(3), json({"t", 3})}) {
        tokenizer["model"]["merges"] = json::array({bad});
        EXPECT_THAT(said(files_of(tokenizer)), HasSubstr("has a merge")) << bad;
    }
    tokenizer["model"].erase("merges");
    EXPECT_THAT(said(files_of(tokenizer)), HasSubstr("no list of merges"));
}

TEST(HfTokenizer, SettingsSayWhichAddedTokensAreSpecial) {
    json settings = tokenizer_settings();
    settings["added_tokens_decoder"] = {{"258", {{"content", "[tool]"}, {"special", true}}},
                                        {"263", {{"content", "\xE2\x96\x81two\xE2\x96\x81"}, {"special", false}}},
                                        {"264", {{"content", "<|looks|>"}, {"special", false}}},
                                        {"9999", {{"content", "beyond"}}}};
    const HfTokenizer tokenizer = read(files_of(tokenizer_json(), settings));
    EXPECT_EQ(tokenizer.kinds[258], 3);
    EXPECT_EQ(tokenizer.tokens[263], " two ");
    EXPECT_EQ(tokenizer.kinds[263], 4);
    EXPECT_EQ(tokenizer.kinds[264], 3);
}

TEST(HfTokenizer, SpecialTokensComeFromTheFirstFileThatNamesThem) {
    HfTokenizerFiles files = files_of(tokenizer_json(), json::object());
    files.config = {{"bos_token_id", 257}, {"eos_token_id", {258, 256}}, {"pad_token_id", 99999}};
    files.generation = {{"pad_token_id", 256}};
    EXPECT_THAT(read(files).ids, UnorderedElementsAre(Pair("bos", 257), Pair("eos", 258), Pair("padding", 256)));
    files.special_map = {{"bos_token", {{"content", "<|begin|>"}}}};
    EXPECT_EQ(read(files).ids.at("bos"), 256);
    files.settings = {{"bos_token", "[tool]"}, {"unk_token", "the"}};
    EXPECT_EQ(read(files).ids.at("bos"), 258);
    EXPECT_EQ(read(files).ids.at("unknown"), 260);
}

TEST(HfTokenizer, ATurnsEndIsKeptBesideATextsEnd) {
    HfTokenizerFiles files = files_of(tokenizer_json());
    files.tokenizer["added_tokens"][1]["content"] = "[stop]";
    files.settings["eos_token"] = "[stop]";
    files.generation = {{"eos_token_id", {257, 258}}};
    EXPECT_EQ(read(files).ids.at("eot"), 258);
    files.tokenizer["added_tokens"][1]["content"] = "<|im_end|>";
    files.settings["eos_token"] = "<|im_end|>";
    EXPECT_FALSE(read(files).ids.contains("eot"));
}

TEST(HfTokenizer, WhatStandsAroundTextsIsReadFromTheTemplate) {
    json tokenizer = tokenizer_json();
    const auto single = [](const char* before, const char* after) {
        return json{{"type", "TemplateProcessing"},
                    {"single",
                     {{{"SpecialToken", {{"id", before}}}},
                      {{"Sequence", {{"id", "A"}}}},
                      {{"SpecialToken", {{"id", after}}}}}}};
    };
    tokenizer["post_processor"] = {{"type", "Sequence"},
                                   {"processors", {{{"type", "ByteLevel"}}, single("<|begin|>", "<|end|>")}}};
    HfTokenizer both = read(files_of(tokenizer));
    EXPECT_TRUE(both.add_bos);
    EXPECT_TRUE(both.add_eos);
    EXPECT_TRUE(both.notes.empty());
    tokenizer["post_processor"] = single("[tool]", "<|end|>");
    both = read(files_of(tokenizer));
    EXPECT_FALSE(both.add_bos);
    ASSERT_EQ(both.notes.size(), 1U);
    EXPECT_THAT(both.notes[0], HasSubstr("[tool]"));
    // Without a post-processor the settings decide.
    tokenizer["post_processor"] = nullptr;
    json settings = tokenizer_settings();
    EXPECT_FALSE(read(files_of(tokenizer, settings)).add_bos);
    settings["add_bos_token"] = true;
    EXPECT_TRUE(read(files_of(tokenizer, settings)).add_bos);
}

TEST(HfTokenizer, ChatTemplatesOfAllForms) {
    HfTokenizerFiles files = files_of(tokenizer_json());
    files.settings["chat_template"] = {{{"name", "default"}, {"template", "one"}},
                                       {{"name", "tool_use"}, {"template", "two"}}};
    EXPECT_THAT(read(files).chat_templates, ElementsAre(Pair("", "one"), Pair("tool_use", "two")));
    files.chat_template = "own file";
    EXPECT_EQ(read(files).chat_templates.at(""), "own file");
}

std::string recognised(const json& pre_tokenizer, bool whole_words = false) {
    const auto name =
        recognise_pre_tokenizer({{"pre_tokenizer", pre_tokenizer}, {"model", {{"ignore_merges", whole_words}}}});
    return name ? *name : name.error().sentence;
}

json split(const std::string& expression) {
    return {{"type", "Sequence"},
            {"pretokenizers",
             {{{"type", "Split"}, {"pattern", {{"Regex", expression}}}, {"behavior", "Isolated"}, {"invert", false}},
              {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
}

TEST(HfTokenizer, RulesAreRecognisedToTheLetterOrRefused) {
    const json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
    EXPECT_EQ(recognised(bytes), "gpt-2");
    const json digits = {{"type", "Digits"}, {"individual_digits", true}};
    EXPECT_EQ(recognised({{"type", "Sequence"}, {"pretokenizers", {digits, bytes}}}), "smollm");
    const std::string one = testing::kOneDigitSplit;
    std::string three = one;
    three.replace(three.find("\\p{N}|"), 6, "\\p{N}{1,3}|");
    EXPECT_EQ(recognised(split(one)), "qwen2");
    EXPECT_EQ(recognised(split(three), true), "llama-bpe");
    EXPECT_EQ(recognised(split(three), false), "smaug-bpe");

    const std::string refusal = "cuts text in a way that is not known";
    EXPECT_THAT(recognised(split(one), true), HasSubstr(refusal));
    EXPECT_THAT(recognised(split(one + "|x")), HasSubstr(refusal));
    EXPECT_THAT(recognised(nullptr), HasSubstr(refusal));
    EXPECT_THAT(recognised({{"type", "Sequence"}, {"pretokenizers", {bytes, digits}}}), HasSubstr(refusal));
    EXPECT_THAT(recognised({{"type", "ByteLevel"}}), HasSubstr(refusal));  // a blank before each text
    json merged = split(one);
    merged["pretokenizers"][0]["behavior"] = "Removed";
    EXPECT_THAT(recognised(merged), HasSubstr(refusal));
}

TEST(HfTokenizer, RulesMayBeNamedByHand) {
    json tokenizer = tokenizer_json();
    tokenizer["pre_tokenizer"] = nullptr;
    EXPECT_THAT(said(files_of(tokenizer)), HasSubstr("is not known here"));
    EXPECT_EQ(read(files_of(tokenizer), "starcoder").pre, "starcoder");
    const auto wrong = read_hf_tokenizer(files_of(tokenizer), kVocab, "abacus");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().remedy, HasSubstr("llama-bpe"));
}

TEST(HfTokenizer, WhatLlamaCppDoesNotDoIsRefused) {
    const auto changed = [](const std::function<void(json&)>& change) {
        json tokenizer = tokenizer_json();
        change(tokenizer);
        return said(files_of(tokenizer));
    };
    EXPECT_THAT(changed([](json& t) { t["model"]["type"] = "Unigram"; }), HasSubstr("kind Unigram"));
    EXPECT_THAT(changed([](json& t) { t["model"]["end_of_word_suffix"] = "</w>"; }), HasSubstr("end_of_word_suffix"));
    EXPECT_THAT(changed([](json& t) { t["normalizer"] = {{"type", "Lowercase"}}; }), HasSubstr("Lowercase"));
    EXPECT_THAT(changed([](json& t) { t["model"]["vocab"] = json::object(); }), HasSubstr("no vocabulary"));
    EXPECT_THAT(changed([](json& t) { t["model"]["vocab"]["x"] = 5000; }), HasSubstr("not below 272"));
    EXPECT_THAT(changed([](json& t) { t["model"]["vocab"]["xyz"] = 65; }), HasSubstr("the same id"));
    EXPECT_THAT(changed([](json& t) { t["added_tokens"][0]["id"] = -1; }), HasSubstr("not below 272"));
    EXPECT_THAT(said(files_of(tokenizer_json()), 200), HasSubstr("not below 200"));
}

// A SentencePiece vocabulary as its tokenizer.json: pieces in the order of their scores, all ways to each.
json pieces_json() {
    json vocab = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}, {"<0x41>", 3},
                  {"a", 7},     {"b", 8},   {"c", 9},    {"\xE2\x96\x81", 10}};
    vocab["ab"] = 4;
    vocab["bc"] = 5;
    vocab["abc"] = 6;
    const auto added = [](int id, const char* text) { return json{{"id", id}, {"content", text}, {"special", true}}; };
    return {{"added_tokens", {added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")}},
            {"normalizer",
             {{"type", "Sequence"},
              {"normalizers",
               {{{"type", "Prepend"}, {"prepend", "\xE2\x96\x81"}},
                {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\xE2\x96\x81"}}}}}},
            {"pre_tokenizer", nullptr},
            {"model",
             {{"type", "BPE"},
              {"byte_fallback", true},
              {"unk_token", "<unk>"},
              {"vocab", vocab},
              {"merges", {"a b", "b c", "ab c", "a bc"}}}}};
}

TEST(HfTokenizer, SentencePiecesGetScoresOfTheirMerges) {
    const HfTokenizer tokenizer = read(files_of(pieces_json()));
    EXPECT_EQ(tokenizer.model, "llama");
    EXPECT_EQ(tokenizer.pre, "default");
    EXPECT_TRUE(tokenizer.add_space_prefix.value_or(false));
    EXPECT_TRUE(tokenizer.merges.empty());
    EXPECT_EQ(tokenizer.kinds[0], 2);
    EXPECT_EQ(tokenizer.kinds[1], 3);
    EXPECT_EQ(tokenizer.kinds[3], 6);
    EXPECT_EQ(tokenizer.scores[4], 0.0F);
    EXPECT_EQ(tokenizer.scores[5], -1.0F);
    EXPECT_EQ(tokenizer.scores[6], -2.0F);
    EXPECT_EQ(tokenizer.scores[7], -4.0F);
    json newer = pieces_json();
    newer["normalizer"] = nullptr;
    newer["pre_tokenizer"] = {
        {"type", "Metaspace"}, {"replacement", "\xE2\x96\x81"}, {"prepend_scheme", "never"}, {"split", false}};
    EXPECT_FALSE(read(files_of(newer)).add_space_prefix.value_or(true));
}

TEST(HfTokenizer, MergesThatNoScoresDescribeAreRefused) {
    const auto changed = [](const std::function<void(json&)>& change) {
        json tokenizer = pieces_json();
        change(tokenizer);
        return said(files_of(tokenizer));
    };
    EXPECT_EQ(changed([](json&) {}), "");
    EXPECT_THAT(changed([](json& t) { t["model"]["merges"] = {"a b", "b c", "ab c"}; }), HasSubstr("never merged"));
    EXPECT_THAT(changed([](json& t) { t["model"]["merges"] = {"ab c", "a b", "b c", "a bc"}; }),
                HasSubstr("not of one rank"));
    EXPECT_THAT(changed([](json& t) { t["model"]["merges"] = {"a c"}; }), HasSubstr("\"ac\" is no token"));
    EXPECT_THAT(changed([](json& t) { t["normalizer"] = nullptr; }), HasSubstr("blanks"));
}

}  // namespace
}  // namespace landauer
