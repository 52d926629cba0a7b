// With a real embedder, whose path LANDAUER_TEST_EMBEDDER holds (`make test` sets it), and with tiny made ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "embedder_testing.h"
#include "engine/embedder.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TinyBert;

std::unique_ptr<Embedder> opened(const std::filesystem::path& model, std::int32_t n_threads = 1,
                                 const std::string& pooling = "") {
    auto embedder = open_embedder({model, n_threads, pooling});
    EXPECT_TRUE(embedder) << embedder.error().sentence;
    return embedder ? std::move(*embedder) : nullptr;
}

std::vector<Embedding> embedded(Embedder& embedder, const std::vector<std::string>& texts) {
    auto embeddings = embedder.embed(texts, {});
    EXPECT_TRUE(embeddings) << embeddings.error().sentence;
    return embeddings ? std::move(*embeddings) : std::vector<Embedding>{};
}

void expect_refused(const EmbedderSettings& settings, ErrorKind kind, const std::string& says) {
    const auto embedder = open_embedder(settings);
    ASSERT_FALSE(embedder);
    EXPECT_EQ(embedder.error().kind, kind) << embedder.error().sentence;
    EXPECT_THAT(embedder.error().sentence, HasSubstr(says));
    EXPECT_FALSE(embedder.error().remedy.empty());
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

class MiniLm : public ::testing::Test {
   protected:
    void SetUp() override {
        const char* model = std::getenv("LANDAUER_TEST_EMBEDDER");
        if (model == nullptr) GTEST_SKIP() << "LANDAUER_TEST_EMBEDDER is not set";
        model_ = model;
    }
    std::filesystem::path model_;
};

// Made by bench/embed_reference.py from the original weights, in steps of 1e-5.
TEST_F(MiniLm, AgreesWithTheOriginalModel) {
    std::ifstream file(std::string(FIXTURES) + "/embedder/minilm.txt");
    std::vector<std::string> texts;
    std::vector<std::vector<float>> vectors;
    for (std::string text, numbers; std::getline(file, text) && std::getline(file, numbers);) {
        texts.push_back(text);
        std::istringstream stream(numbers);
        auto& vector = vectors.emplace_back();
        for (float number = 0.0F; stream >> number;) vector.push_back(number);
    }
    ASSERT_EQ(texts.size(), 20U);
    auto embedder = opened(model_, 2);
    ASSERT_TRUE(embedder);
    EXPECT_EQ(embedder->facts().name, "all-MiniLM-L6-v2");
    EXPECT_EQ(embedder->facts().pooling, "mean");
    EXPECT_EQ(embedder->facts().n_embd, 384);
    EXPECT_EQ(embedder->facts().n_ctx, 512);
    const auto embeddings = embedded(*embedder, texts);
    ASSERT_EQ(embeddings.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        ASSERT_EQ(vectors[i].size(), 384U);
        EXPECT_GT(cosine(embeddings[i].values, vectors[i]), 0.999) << texts[i];
        EXPECT_EQ(embeddings[i].n_sentences_left_out, 0);
    }
}

TEST_F(MiniLm, GivesTheSameBitsWhateverTheThreadsAndTheCompany) {
    std::vector<std::string> texts;
    for (int i = 0; i < 24; ++i) texts.push_back(repeated("Rain fell on the roof of the house. ", 1 + (i * 7) % 24));
    texts.emplace_back("Yes");
    auto one = opened(model_, 1);
    auto two = opened(model_, 2);
    auto three = opened(model_, 3);
    ASSERT_TRUE(one && two && three);
    const auto together = embedded(*one, texts);
    const auto on_two = embedded(*two, texts);
    const auto on_three = embedded(*three, texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(together[i].values, on_two[i].values);
        EXPECT_EQ(together[i].values, on_three[i].values);
        EXPECT_EQ(together[i].values, embedded(*two, {texts[i]})[0].values) << "alone";
    }
}

TEST_F(MiniLm, KnowsWhatIsAlike) {
    auto embedder = opened(model_);
    ASSERT_TRUE(embedder);
    const auto all = embedded(*embedder, {"The cat sat on the mat.", "A cat was sitting on a mat.",
                                          "Interest rates rose by half a percent."});
    EXPECT_GT(cosine(all[0].values, all[1].values), 0.8);
    EXPECT_LT(cosine(all[0].values, all[2].values), 0.3);
}

TEST_F(MiniLm, LeavesOutWholeSentencesAndCountsThem) {
    auto embedder = opened(model_);
    ASSERT_TRUE(embedder);
    const std::string sentence = "The quick brown fox jumps over the lazy dog. ";  // 10 tokens
    const auto all =
        embedded(*embedder, {repeated(sentence, 51), repeated(sentence, 60), repeated(sentence, 51) + "More. And more."});
    EXPECT_EQ(all[0].n_sentences_left_out, 0);
    EXPECT_EQ(all[1].n_sentences_left_out, 9);
    EXPECT_EQ(all[1].values, all[0].values) << "what is kept is whole";
    EXPECT_EQ(all[2].n_sentences_left_out, 2);
    EXPECT_EQ(all[2].values, all[0].values);
}

TEST_F(MiniLm, StopsWhenAsked) {
    auto embedder = opened(model_, 2);
    ASSERT_TRUE(embedder);
    const std::vector<std::string> texts(50, "Some words to be read.");
    int polls = 0;
    const auto stopped = embedder->embed(texts, [&] { return ++polls > 3; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::Interrupted);
    EXPECT_EQ(embedded(*embedder, texts).size(), 50U) << "usable afterwards";
}

// Its blocks add nothing, so that the first token's vector is the same in every text: what SimCSE's pooling reads.
TEST(Embedder, ClsPoolingReadsTheFirstTokenAlone) {
    const TempFolder folder;
    TinyBert{}.write(folder / "cls.gguf");
    auto embedder = opened(folder / "cls.gguf");
    ASSERT_TRUE(embedder);
    EXPECT_EQ(embedder->facts().pooling, "cls");
    EXPECT_EQ(embedder->facts().n_ctx, 24);
    const auto cls = embedded(*embedder, {"a b c", "d e", "g"});
    EXPECT_EQ(cls[0].values, cls[1].values);
    EXPECT_EQ(cls[0].values, cls[2].values);
    auto asked = opened(folder / "cls.gguf", 1, "mean");
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->facts().pooling, "mean");
    const auto mean = embedded(*asked, {"a b c", "d e", "c a b"});
    EXPECT_LT(cosine(mean[0].values, mean[1].values), 0.99);
    EXPECT_GT(cosine(mean[0].values, mean[2].values), 0.99999) << "the order says nothing here";
}

TEST(Embedder, GivesVectorsOfLengthOneAndNothingForNoText) {
    const TempFolder folder;
    TinyBert{}.write(folder / "m.gguf");
    auto embedder = opened(folder / "m.gguf", 2);
    ASSERT_TRUE(embedder);
    const auto all = embedded(*embedder, {"a b", "", " \n", "unknown"});
    ASSERT_EQ(all.size(), 4U);
    EXPECT_NEAR(std::sqrt(static_cast<double>(
                    std::inner_product(all[0].values.begin(), all[0].values.end(), all[0].values.begin(), 0.0))),
                1.0, 1e-6);
    EXPECT_EQ(all[1].values, std::vector<float>(32, 0.0F));
    EXPECT_EQ(all[2].values, std::vector<float>(32, 0.0F));
    EXPECT_NE(all[3].values, std::vector<float>(32, 0.0F));
    EXPECT_TRUE(embedded(*embedder, {}).empty());
}

TEST(Embedder, CutsASentenceThatAloneIsTooLong) {
    const TempFolder folder;
    TinyBert bert;
    bert.pooling = 1;
    bert.write(folder / "mean.gguf");
    auto embedder = opened(folder / "mean.gguf");
    ASSERT_TRUE(embedder);
    // 24 tokens of context hold 22 words between the two that frame them.
    const auto all = embedded(*embedder, {repeated("a ", 22), repeated("a ", 22) + repeated("h ", 30),
                                          repeated("a ", 22) + ". " + repeated("b ", 30) + ". c."});
    EXPECT_EQ(all[0].n_sentences_left_out, 0);
    EXPECT_EQ(all[1].n_sentences_left_out, 1);
    EXPECT_EQ(all[1].values, all[0].values);
    EXPECT_EQ(all[2].n_sentences_left_out, 3);
}

TEST(Embedder, RefusesWhatIsNone) {
    const TempFolder folder;
    TinyBert silent;
    silent.pooling = -1;
    silent.write(folder / "silent.gguf");
    expect_refused({folder / "silent.gguf", 1, ""}, ErrorKind::Invalid, "no pooling");
    EXPECT_TRUE(open_embedder({folder / "silent.gguf", 1, "cls"}));
    TinyBert reranker;
    reranker.pooling = 4;
    reranker.write(folder / "rank.gguf");
    expect_refused({folder / "rank.gguf", 1, ""}, ErrorKind::Invalid, "reranker");
    TinyBert none;
    none.pooling = 0;
    none.write(folder / "none.gguf");
    expect_refused({folder / "none.gguf", 1, ""}, ErrorKind::Invalid, "makes no vector");
    expect_refused({folder / "silent.gguf", 1, "max"}, ErrorKind::Invalid, "\"max\"");
    expect_refused({folder / "silent.gguf", 0, "cls"}, ErrorKind::Invalid, "0 threads");
    expect_refused({folder / "missing.gguf", 1, ""}, ErrorKind::Invalid, "missing.gguf");
    expect_refused({folder.write("text.gguf", "no model at all"), 1, ""}, ErrorKind::Invalid, "text.gguf");
}

TEST(Embedder, RefusesAProjectorAndACutFile) {
    const TempFolder folder;
    GgufHeader header;
    ASSERT_TRUE(header.set("general.architecture", std::string("clip")));
    auto writer = GgufWriter::create(folder / "mmproj.gguf", header, true);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->finish());
    expect_refused({folder / "mmproj.gguf", 1, ""}, ErrorKind::Invalid, "vision projector");
    TinyBert{}.write(folder / "cut.gguf");
    std::filesystem::resize_file(folder / "cut.gguf", std::filesystem::file_size(folder / "cut.gguf") - 100);
    expect_refused({folder / "cut.gguf", 1, ""}, ErrorKind::Invalid, "cut short");
}

TEST(Embedder, RefusesALanguageModel) {
    const char* model = std::getenv("LANDAUER_TEST_MODEL");
    if (model == nullptr) GTEST_SKIP() << "LANDAUER_TEST_MODEL is not set";
    expect_refused({model, 1, ""}, ErrorKind::Invalid, "no pooling");
}

// Embeddings of 0 leave nothing to normalise.
TEST(Embedder, SaysWhenAnEmbeddingHasNoDirection) {
    const TempFolder folder;
    TinyBert bert;
    bert.embedding = std::numeric_limits<float>::quiet_NaN();
    bert.write(folder / "nan.gguf");
    auto embedder = opened(folder / "nan.gguf");
    ASSERT_TRUE(embedder);
    const auto failed = embedder->embed(std::vector<std::string>{"a b"}, {});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::Failed);
    EXPECT_THAT(failed.error().sentence, HasSubstr("nan.gguf"));
}

}  // namespace
}  // namespace landauer
