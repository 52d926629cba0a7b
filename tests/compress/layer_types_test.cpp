// What matrices are stored in where their layer takes a type, and that the allocation pays for just that.
#include "compress/layer_types.h"

#include <gtest/gtest.h>

#include "compress/quantise_model.h"
#include "compress/stock_header.h"
#include "planted_model.h"
#include "temp_folder.h"

namespace landauer {
namespace {

TEST(LayerTypes, RowsThatDoNotFitTakeSmallBlocks) {
    EXPECT_EQ(type_in_layer("q3_K", "ffn_up", 5, 30, 576), "iq4_nl");
    EXPECT_EQ(type_in_layer("q3_K", "ffn_up", 5, 30, 512), "q3_K");
    EXPECT_EQ(type_in_layer("q4_K", "attn_q", 5, 30, 576), "q5_0");
    EXPECT_EQ(type_in_layer("q5_K", "attn_q", 5, 30, 576), "q5_1");
    EXPECT_EQ(type_in_layer("q6_K", "attn_q", 5, 30, 576), "q8_0");
    EXPECT_EQ(type_in_layer("q4_0", "attn_q", 5, 30, 576), "q4_0");
}

TEST(LayerTypes, TheFirstLayersDownsAreSpared) {
    EXPECT_EQ(type_in_layer("q4_0", "ffn_down", 2, 30, 1536), "q4_1");
    EXPECT_EQ(type_in_layer("q2_K", "ffn_down", 2, 30, 1536), "q4_K");
    EXPECT_EQ(type_in_layer("q2_K", "ffn_down", 2, 30, 1504), "q5_0") << "spared, and of small blocks";
    EXPECT_EQ(type_in_layer("q2_K", "ffn_down", 3, 30, 1536), "q2_K");
    EXPECT_EQ(type_in_layer("q2_K", "ffn_up", 0, 30, 1536), "q2_K");
    EXPECT_EQ(type_in_layer("iq4_nl", "ffn_down", 0, 30, 1536), "iq4_nl");
}

// Of a file with every layer in a type, the blocks' matrices have the bytes that their costs add up to.
TEST(LayerTypes, WhatIsPaidIsWhatIsWritten) {
    const testing::TempFolder folder;
    testing::TinyModel model;
    model.architecture = "deci";
    model.n_embd = 64;
    model.head_dim = 16;
    const std::size_t n_layer = 9;  // the first of them is spared
    model.n_head.assign(n_layer, 4);
    model.n_head_kv.assign(n_layer, 2);
    model.n_ff.assign(n_layer, 256);
    model.n_ff[4] = 288;
    write_tiny(model, folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    const auto shape = stock_shape(*file, byte_price());
    ASSERT_TRUE(shape) << shape.error().sentence;
    for (const std::string type : {"q4_0", "q2_K", "q6_K", "iq4_xs"}) {
        const auto keep = keep_all(*shape, type);
        double paid = 0.0;
        double written = 0.0;
        for (std::size_t layer = 0; layer < n_layer; ++layer) {
            paid += shape->ffn_cost(layer, shape->decoder.n_ff[layer], type) +
                    shape->attention_cost(layer, shape->decoder.n_head_kv[layer], type);
        }
        for (const GgufTensor& tensor : file->summary().tensors) {
            if (!block_part(tensor.name) || tensor.shape.size() < 2) continue;
            const auto columns = static_cast<std::uint64_t>(tensor.shape.front());
            written += static_cast<double>(tensor.elements / columns *
                                           row_bytes(stock_tensor_type(tensor, *shape, keep), columns));
        }
        EXPECT_EQ(paid, written) << type;
    }
}

}  // namespace
}  // namespace landauer
