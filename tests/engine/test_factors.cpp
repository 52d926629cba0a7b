// Matrices as factors: what they compute, which files are refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine_testing.h"
#include "engine/factor_answers.h"
#include "engine/factor_testing.h"
#include "engine/llama/factors/factor_model.h"
#include "engine/llama/load.h"
#include "engine/log.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using testing::factorise;
using testing::Factorising;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;
using testing::TinyModel;
using testing::write_tiny;
using namespace testing::factors;

TEST(Factors, ComputeWhatTheirProductDoes) {
    for (const std::string architecture : {"llama", "qwen2", "deci"}) {
        const TempFolder folder;
        write_tiny(model_of(architecture), folder / "m.gguf");
        factorise(folder / "m.gguf", {}, folder / "f.gguf", folder / "d.gguf");
        for (const std::int32_t batch : {1, 7, 512}) {
            for (const auto flash : {LLAMA_FLASH_ATTN_TYPE_DISABLED, LLAMA_FLASH_ATTN_TYPE_ENABLED}) {
                Asking how;
                how.batch = batch;
                how.flash = flash;
                EXPECT_LT(distance(answer(folder / "f.gguf", how), answer(folder / "d.gguf", how)), 2e-4)
                    << architecture << " in batches of " << batch << ", flash " << flash;
            }
        }
    }
}

// libllama leaves flash attention off where it finds it on another device than the layer.
TEST(Factors, LeaveFlashAttentionOnAsAnyModelDoes) {
    const TempFolder folder;
    write_tiny(model_of("llama"), folder / "m.gguf");
    factorise(folder / "m.gguf", {}, folder / "f.gguf", folder / "d.gguf");
    const auto model = load(folder / "f.gguf", {});
    ASSERT_TRUE(model) << model.error().sentence;
    clear_engine_log();
    Asking how;
    how.flash = LLAMA_FLASH_ATTN_TYPE_AUTO;
    EXPECT_FALSE(logits_of(model->get(), how).empty());
    EXPECT_THAT(recent_engine_errors(100), Not(HasSubstr("set to disabled")));
}

// What goes into a product is rounded to 8 bits, once for the dense matrix and twice for the factors.
TEST(Factors, OfAnyTypeRepackedOrNot) {
    const TempFolder folder;
    write_tiny(model_of("llama"), folder / "m.gguf");
    for (const std::string type : {"f16", "q8_0", "q4_0", "iq4_nl", "q5_1"}) {
        Factorising how;
        how.type = type;
        factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
        Asking plain;
        plain.repack = false;
        const auto dense = answer(folder / "d.gguf", {});
        const double bound = type == "f16" ? 3e-3 : 0.05;
        EXPECT_LT(distance(answer(folder / "f.gguf", {}), dense), bound) << type;
        EXPECT_LT(distance(answer(folder / "f.gguf", plain), dense), bound) << type;
    }
}

TEST(Factors, StandBesideWholeMatrices) {
    const TempFolder folder;
    write_tiny(model_of("llama"), folder / "m.gguf");
    Factorising how;
    how.whole = [](const std::string& tensor) { return tensor.find("attn") != std::string::npos; };
    factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
    EXPECT_LT(distance(answer(folder / "f.gguf", {}), answer(folder / "d.gguf", {})), 2e-4);
}

TEST(Factors, OfTheLowestRankAndTheHighest) {
    for (const std::int64_t rank : {1, 2, 63}) {
        const TempFolder folder;
        write_tiny(model_of("llama"), folder / "m.gguf");
        Factorising how;
        how.rank = rank;
        factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
        EXPECT_LT(distance(answer(folder / "f.gguf", {}), answer(folder / "d.gguf", {})), 2e-4) << rank;
    }
}

TEST(Factors, LeaveOtherModelsAlone) {
    const TempFolder folder;
    write_tiny(model_of("llama"), folder / "m.gguf");
    factorise(folder / "m.gguf", {}, folder / "f.gguf", folder / "d.gguf");
    const auto before = answer(folder / "d.gguf", {});
    const auto factored = load(folder / "f.gguf", {});
    ASSERT_TRUE(factored);
    const auto other = load(folder / "d.gguf", {});
    ASSERT_TRUE(other);
    EXPECT_EQ(logits_of(other->get(), {}), before);
    EXPECT_LT(distance(logits_of(factored->get(), {}), before), 2e-4);
}

TEST(Factors, StockLlamaRefusesThem) {
    const TempFolder folder;
    write_tiny(model_of("llama"), folder / "m.gguf");
    factorise(folder / "m.gguf", {}, folder / "f.gguf", folder / "d.gguf");
    start_backend();
    EXPECT_EQ(llama_model_load_from_file((folder / "f.gguf").c_str(), llama_model_default_params()), nullptr);
}

Error error_of(const Factorising& how, const std::function<void(TinyModel&)>& change = {}) {
    const TempFolder folder;
    TinyModel model = model_of("llama");
    if (change) change(model);
    write_tiny(model, folder / "m.gguf");
    factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
    const auto loaded = load(folder / "f.gguf", {});
    return loaded ? Error{} : loaded.error();
}

TEST(Factors, DamagedFilesAreNamedForWhatTheyAre) {
    Factorising how;
    how.edit = [](GgufHeader& header) { ASSERT_TRUE(header.set(kFactorsKey, std::uint32_t{2})); };
    EXPECT_THAT(error_of(how).sentence, HasSubstr("holds factors of version 2; this landauer reads version 1"));
    how.edit = [](GgufHeader& header) { ASSERT_TRUE(header.set(kFactorsCountKey, std::uint32_t{15})); };
    EXPECT_THAT(error_of(how).sentence, HasSubstr("it says that it has 15 matrices as factors, and 42 tensors"));
    how.edit = {};
    how.pivots = [](std::vector<std::int32_t>& pivots) { pivots[1] = pivots[0]; };
    EXPECT_THAT(error_of(how).sentence, HasSubstr("which is one already"));
    how.pivots = [](std::vector<std::int32_t>& pivots) { pivots[1] = 64000; };
    EXPECT_THAT(error_of(how).sentence, HasSubstr("row 64000 as a pivot, which is none of its rows"));
    how.pivots = [](std::vector<std::int32_t>& pivots) { pivots[1] = -1; };
    EXPECT_THAT(error_of(how).sentence, HasSubstr("row -1 as a pivot, which is none of its rows"));
    EXPECT_EQ(error_of(how).kind, ErrorKind::Invalid);
}

TEST(Factors, WithoutPartnersOrWithWrongShapesTheyAreRefused) {
    const TempFolder folder;
    const auto with_tensors = [&](const std::vector<GgufTensorSpec>& tensors) {
        TinyModel model = model_of("llama");
        model.more_tensors = tensors;
        model.without = "blk.0.ffn_up.weight";
        model.edit = [](GgufHeader& header) {
            ASSERT_TRUE(header.set(kFactorsKey, kFactorsVersion));
            ASSERT_TRUE(header.set(kFactorsCountKey, std::uint32_t{1}));
        };
        write_tiny(model, folder / "f.gguf");
        const auto loaded = load(folder / "f.gguf", {});
        return loaded ? std::string{} : loaded.error().sentence;
    };
    const GgufTensorSpec r = {"blk.0.ffn_up.factor_r", "f32", {64, 32}};
    const GgufTensorSpec t = {"blk.0.ffn_up.factor_t", "f32", {32, 64}};
    const auto numbers = [](std::int64_t n) { return GgufTensorSpec{"blk.0.ffn_up.factor_pivots", "f32", {n}}; };
    EXPECT_THAT(with_tensors({r, numbers(32)}), HasSubstr("blk.0.ffn_up.factor_t is missing"));
    EXPECT_THAT(with_tensors({r, t}), HasSubstr("blk.0.ffn_up.factor_pivots is missing"));
    EXPECT_THAT(with_tensors({r, t, numbers(32)}), HasSubstr("has pivots that are no list of i32"));
    const GgufTensorSpec other_t = {"blk.0.ffn_up.factor_t", "f32", {48, 64}};
    EXPECT_THAT(with_tensors({r, other_t, numbers(32)}),
                HasSubstr("factors that do not belong together: [64, 32] and [48"));
    const GgufTensorSpec full_r = {"blk.0.ffn_up.factor_r", "f32", {64, 64}};
    const GgufTensorSpec full_t = {"blk.0.ffn_up.factor_t", "f32", {64, 32}};
    EXPECT_THAT(with_tensors({full_r, full_t, numbers(64)}), HasSubstr("has rank 64, which is not below the full one"));
    EXPECT_THAT(with_tensors({r, t, numbers(31)}), HasSubstr("has 31 pivots for a rank of 32"));
    EXPECT_THAT(with_tensors({t}), HasSubstr("1 tensors of such"));
}

TEST(Factors, OfATypeWithoutAKernelAreRefused) {
    const TempFolder folder;
    TinyModel model = model_of("llama");
    write_tiny(model, folder / "m.gguf");
    for (const std::string type : {"i32", "i8", "f64"}) {
        auto header = GgufHeader::with_metadata_of(folder / "m.gguf");
        ASSERT_TRUE(header);
        ASSERT_TRUE(header->set(kFactorsKey, kFactorsVersion));
        ASSERT_TRUE(header->set(kFactorsCountKey, std::uint32_t{1}));
        ASSERT_TRUE(header->add_tensor({"blk.0.ffn_up.factor_r", type, {64, 2}}));
        ASSERT_TRUE(header->add_tensor({"blk.0.ffn_up.factor_t", type, {2, 94}}));
        ASSERT_TRUE(header->add_tensor({"blk.0.ffn_up.factor_pivots", "i32", {2}}));
        auto writer = GgufWriter::create(folder / "f.gguf", *header, true);
        ASSERT_TRUE(writer);
        for (const GgufPlace& place : header->places()) {
            std::vector<std::byte> bytes(place.bytes);
            if (place.name.ends_with("pivots")) bytes[0] = std::byte{1};  // rows 1 and 0
            ASSERT_TRUE(writer->write(place.name, bytes));
        }
        ASSERT_TRUE(writer->finish());
        const auto loaded = load(folder / "f.gguf", {});
        ASSERT_FALSE(loaded) << type;
        EXPECT_THAT(loaded.error().sentence, HasSubstr("is of type " + type + ", which this CPU cannot multiply with"));
    }
}

// An adapter's matrices would go where factors are, and be lost there.
TEST(Factors, AdaptersAreRefused) {
    const TempFolder folder;
    write_tiny(model_of("llama"), folder / "m.gguf");
    factorise(folder / "m.gguf", {}, folder / "f.gguf", folder / "d.gguf");
    GgufHeader header;
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, GgufValue>>{{"general.architecture", std::string("llama")},
                                                        {"general.type", std::string("adapter")},
                                                        {"adapter.type", std::string("lora")},
                                                        {"adapter.lora.alpha", 1.0F}}) {
        ASSERT_TRUE(header.set(key, value));
    }
    ASSERT_TRUE(header.add_tensor({"blk.0.ffn_up.weight.lora_a", "f32", {64, 4}}));
    ASSERT_TRUE(header.add_tensor({"blk.0.ffn_up.weight.lora_b", "f32", {4, 96}}));
    auto writer = GgufWriter::create(folder / "a.gguf", header, true);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write("blk.0.ffn_up.weight.lora_a", std::vector<std::byte>(4 * 64 * 4)));
    ASSERT_TRUE(writer->write("blk.0.ffn_up.weight.lora_b", std::vector<std::byte>(4 * 96 * 4)));
    ASSERT_TRUE(writer->finish());
    const auto dense = load(folder / "d.gguf", {});
    ASSERT_TRUE(dense);
    EXPECT_NE(llama_adapter_lora_init(dense->get(), (folder / "a.gguf").c_str()), nullptr);
    const auto factored = load(folder / "f.gguf", {});
    ASSERT_TRUE(factored);
    EXPECT_EQ(llama_adapter_lora_init(factored->get(), (folder / "a.gguf").c_str()), nullptr);
}

}  // namespace
}  // namespace landauer
