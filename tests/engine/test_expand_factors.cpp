// A file of factors multiplied out: what it computes, what is kept, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "compress/expand_factors.h"
#include "engine/factor_answers.h"
#include "engine/factor_testing.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using testing::factorise;
using testing::Factorising;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::write_tiny;
using namespace testing::factors;

// Factors of a tiny model in `folder`: f.gguf, and d.gguf, their product as floats.
void make_factors(const TempFolder& folder, const std::string& architecture, const Factorising& how = {}) {
    write_tiny(model_of(architecture), folder / "m.gguf");
    factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
}

Result<std::uint64_t> expand_in(const TempFolder& folder, const Expanding& how) {
    const auto source = WeightFile::open(folder / "f.gguf");
    if (!source) return tl::unexpected(source.error());
    return expand_factors(*source, how, folder / "o.gguf");
}

Expanding as_type(const std::string& type) {
    Expanding how;
    how.type = type;
    return how;
}

std::size_t n_files(const TempFolder& folder) {
    const auto listing = std::filesystem::directory_iterator(folder / "");
    return static_cast<std::size_t>(std::distance(begin(listing), end(listing)));
}

TEST(ExpandFactors, SaysWhatTheFactorsSay) {
    for (const std::string architecture : {"llama", "qwen2", "deci"}) {
        for (const std::string type : {"f32", "f16"}) {
            const TempFolder folder;
            make_factors(folder, architecture);
            const auto bytes = expand_in(folder, as_type(type));
            ASSERT_TRUE(bytes) << bytes.error().sentence;
            EXPECT_EQ(*bytes, std::filesystem::file_size(folder / "o.gguf"));
            EXPECT_LT(distance(answer(folder / "o.gguf", {}), answer(folder / "f.gguf", {})),
                      type == "f32" ? 2e-4 : 3e-3)
                << architecture << " " << type;
            start_backend();
            auto* stock = llama_model_load_from_file((folder / "o.gguf").c_str(), llama_model_default_params());
            EXPECT_NE(stock, nullptr);
            llama_model_free(stock);
        }
    }
}

// Ranks from one row of R to all but one of W, wider than what is multiplied at once.
TEST(ExpandFactors, OfAnyRankAndLengthAreTheProduct) {
    for (const std::int64_t rank : {1, 31, 63}) {
        const TempFolder folder;
        auto model = model_of("llama");
        model.n_ff = {600, 257};
        write_tiny(model, folder / "m.gguf");
        Factorising how;
        how.rank = rank;
        factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
        const auto done = expand_in(folder, as_type("f32"));
        ASSERT_TRUE(done) << done.error().sentence;
        const auto made = WeightFile::open(folder / "o.gguf");
        const auto expected = WeightFile::open(folder / "d.gguf");
        ASSERT_EQ(made->summary().tensors.size(), expected->summary().tensors.size());
        for (std::size_t i = 0; i < made->summary().tensors.size(); ++i) {
            const GgufTensor& tensor = made->summary().tensors[i];
            ASSERT_EQ(tensor.name, expected->summary().tensors[i].name) << "each at its place";
            ASSERT_EQ(tensor.shape, expected->summary().tensors[i].shape);
            const auto values = made->read(tensor.name);
            const auto wanted = expected->read(tensor.name);
            for (std::size_t at = 0; at < values->size(); ++at) {
                ASSERT_NEAR((*values)[at], (*wanted)[at], 1e-4) << tensor.name << " of rank " << rank;
            }
        }
    }
}

TEST(ExpandFactors, KeepTheRestAndWhereItCameFrom) {
    const TempFolder folder;
    Factorising how;
    how.whole = [](const std::string& tensor) { return tensor.find("attn") != std::string::npos; };
    how.edit = [](GgufHeader& header) {
        ASSERT_TRUE(header.set("landauer.compress.source_sha256", std::string("abc")));
        ASSERT_TRUE(header.set("landauer.compress.predicted_loss", 0.125));
    };
    make_factors(folder, "llama", how);
    ASSERT_TRUE(expand_in(folder, as_type("f16")));
    const auto source = WeightFile::open(folder / "f.gguf");
    const auto made = WeightFile::open(folder / "o.gguf");
    auto metadata = source->summary().metadata;
    EXPECT_EQ(metadata.erase(kFactorsKey) + metadata.erase(kFactorsCountKey), 2U);
    EXPECT_EQ(made->summary().metadata, metadata);
    EXPECT_EQ(made->find("blk.0.ffn_up.weight")->type, "f16");
    for (const GgufTensor& tensor : source->summary().tensors) {
        if (tensor.name.find(".factor_") != std::string::npos) continue;
        const GgufTensor* copy = made->find(tensor.name);
        ASSERT_NE(copy, nullptr) << tensor.name;
        EXPECT_EQ(copy->type, tensor.type);
        std::vector<std::byte> before(tensor.bytes);
        std::vector<std::byte> after(copy->bytes);
        const auto rows = tensor.elements / static_cast<std::uint64_t>(tensor.shape[0]);
        ASSERT_TRUE(source->read_rows(tensor.name, 0, rows, before));
        ASSERT_TRUE(made->read_rows(tensor.name, 0, rows, after));
        EXPECT_EQ(before, after) << tensor.name;
    }
}

TEST(ExpandFactors, InterruptedTheyLeaveNothing) {
    const TempFolder folder;
    make_factors(folder, "llama");
    const std::size_t n_before = n_files(folder);
    for (int stop = 0; stop < 12; stop += 4) {
        Expanding how = as_type("f32");
        int n_asked = 0;
        how.abort = [&] { return n_asked++ == stop; };
        const auto done = expand_in(folder, how);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, ErrorKind::Interrupted);
        EXPECT_EQ(n_files(folder), n_before);
    }
}

// What is found only on the way leaves nothing either.
TEST(ExpandFactors, DamagedFilesAreRefusedAndLeaveNothing) {
    const TempFolder folder;
    Factorising how;
    how.pivots = [](std::vector<std::int32_t>& pivots) { pivots[3] = pivots[2]; };
    make_factors(folder, "llama", how);
    const std::size_t n_before = n_files(folder);
    auto done = expand_in(folder, as_type("f16"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(done.error().sentence, HasSubstr("which is one already"));
    EXPECT_EQ(n_files(folder), n_before);

    how.pivots = {};
    how.edit = [](GgufHeader& header) { ASSERT_TRUE(header.set(kFactorsKey, std::uint32_t{2})); };
    make_factors(folder, "llama", how);
    EXPECT_THAT(expand_in(folder, as_type("f16")).error().sentence, HasSubstr("factors of version 2"));

    make_factors(folder, "llama");
    std::filesystem::resize_file(folder / "f.gguf", std::filesystem::file_size(folder / "f.gguf") - 100);
    EXPECT_THAT(expand_in(folder, as_type("f16")).error().sentence, HasSubstr("cut short"));

    std::filesystem::copy_file(folder / "d.gguf", folder / "f.gguf", std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(expand_in(folder, as_type("f16")).error().sentence, HasSubstr("holds no factors"));
    EXPECT_EQ(n_files(folder), n_before);
}

TEST(ExpandFactors, NumbersThatAreNoneOrTooLargeAreRefused) {
    const TempFolder folder;
    make_factors(folder, "llama");
    const auto r = *WeightFile::open(folder / "f.gguf")->find("blk.1.ffn_up.factor_r");
    const auto put = [&](float value) {
        std::fstream file(folder / "f.gguf", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(r.offset));
        file.write(reinterpret_cast<const char*>(&value), sizeof(value));
    };
    put(1e6F);
    const auto large = expand_in(folder, as_type("f16"));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(large.error().sentence, HasSubstr("which f16 cannot hold"));
    EXPECT_THAT(large.error().remedy, HasSubstr("--expand-type f32"));
    EXPECT_TRUE(expand_in(folder, as_type("f32")));
    put(NAN);
    Expanding again = as_type("f32");
    again.replace = true;
    EXPECT_THAT(expand_in(folder, again).error().sentence, HasSubstr("blk.1.ffn_up.factor_r"));
}

TEST(ExpandFactors, WriteOverNothingUnasked) {
    const TempFolder folder;
    make_factors(folder, "llama");
    ASSERT_TRUE(expand_in(folder, as_type("f16")));
    const auto again = expand_in(folder, as_type("f32"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::Invalid);
    Expanding forced = as_type("f32");
    forced.replace = true;
    EXPECT_TRUE(expand_in(folder, forced));
    EXPECT_EQ(WeightFile::open(folder / "o.gguf")->find("blk.0.attn_q.weight")->type, "f32");
}

}  // namespace
}  // namespace landauer
