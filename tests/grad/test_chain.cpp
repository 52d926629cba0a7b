// Factors multiplied out: a known answer, the decoder on a file of them, and files that are not sound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/factor_testing.h"
#include "grad/chain.h"
#include "grad/decoder.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using testing::factorise;
using testing::Factorising;
using ::testing::HasSubstr;
using testing::TempFolder;

// R = (1 2), T = (10 100)^T, and row 1 is the pivot.
TEST(Chain, EveryRowComesToItsPlace) {
    MatrixF r(1, 2);
    r(0, 0) = 1.0F;
    r(0, 1) = 2.0F;
    MatrixF t(2, 1);
    t(0, 0) = 10.0F;
    t(1, 0) = 100.0F;
    const std::vector<std::int32_t> rows = {1, 0, 2};
    MatrixF whole(3, 2);
    multiply_out(r, t, rows, 0, 3, whole);
    EXPECT_THAT(std::vector<float>(whole.values().begin(), whole.values().end()), ElementsAre(10, 20, 1, 2, 100, 200));
    MatrixF by_rows(3, 2);
    for (std::size_t row : {2U, 0U, 1U}) multiply_out(r, t, rows, row, 1, by_rows);
    EXPECT_TRUE(std::ranges::equal(by_rows.values(), whole.values()));
}

Factorising of_rank(std::int64_t rank) {
    Factorising how;
    how.rank = rank;
    how.whole = [](const std::string& tensor) { return tensor == "blk.1.ffn_up.weight"; };
    return how;
}

TEST(Chain, TheDecoderReadsFactorsAsTheirProduct) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    factorise(folder / "m.gguf", of_rank(16), folder / "f.gguf", folder / "d.gguf");
    const auto factors = WeightFile::open(folder / "f.gguf");
    const auto dense = WeightFile::open(folder / "d.gguf");
    ASSERT_TRUE(factors && dense);
    const auto shape = decoder_shape(*factors);
    ASSERT_TRUE(shape) << shape.error().sentence;
    EXPECT_EQ(shape->factors.size(), 13U);
    EXPECT_EQ(decoder_shape(*dense)->factors.size(), 0U);
    for (std::size_t layer = 0; layer < 2; ++layer) {
        const auto made = read_block(*factors, *shape, layer);
        const auto wanted = read_block(*dense, *decoder_shape(*dense), layer);
        ASSERT_TRUE(made && wanted);
        for (MatrixF BlockWeights::* matrix : {&BlockWeights::q, &BlockWeights::k, &BlockWeights::v, &BlockWeights::o,
                                               &BlockWeights::gate, &BlockWeights::up, &BlockWeights::down}) {
            const MatrixF& one = *made.*matrix;
            const MatrixF& other = *wanted.*matrix;
            ASSERT_EQ(one.rows(), other.rows());
            ASSERT_EQ(one.cols(), other.cols());
            for (std::size_t i = 0; i < one.values().size(); ++i) {
                ASSERT_NEAR(one.values()[i], other.values()[i], 1e-4) << layer;
            }
        }
    }
}

Result<DecoderShape> shape_after(const Factorising& how, TempFolder& folder) {
    testing::write_tiny({}, folder / "m.gguf");
    factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
    return decoder_shape(*WeightFile::open(folder / "f.gguf"));
}

TEST(Chain, FactorsOfAnotherShapeOrVersionAreRefused) {
    TempFolder folder;
    Factorising how = of_rank(16);
    how.edit = [](GgufHeader& header) { ASSERT_TRUE(header.set("llama.feed_forward_length", std::uint32_t{96})); };
    const auto other_shape = shape_after(how, folder);
    ASSERT_FALSE(other_shape);
    EXPECT_THAT(other_shape.error().sentence, HasSubstr("factors of blk.0.ffn_gate.weight as [48, 80]"));
    how.edit = [](GgufHeader& header) { ASSERT_TRUE(header.set(kFactorsKey, std::uint32_t{7})); };
    const auto later = shape_after(how, folder);
    ASSERT_FALSE(later);
    EXPECT_THAT(later.error().sentence, HasSubstr("version 7"));
}

TEST(Chain, APivotThatIsNoRowIsRefused) {
    TempFolder folder;
    Factorising how = of_rank(16);
    how.pivots = [](std::vector<std::int32_t>& pivots) { pivots[3] = 4711; };
    const auto shape = shape_after(how, folder);
    ASSERT_TRUE(shape) << shape.error().sentence;
    const auto block = read_block(*WeightFile::open(folder / "f.gguf"), *shape, 0);
    ASSERT_FALSE(block);
    EXPECT_THAT(block.error().sentence, HasSubstr("4711"));
}

}  // namespace
}  // namespace landauer
