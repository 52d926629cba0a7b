#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "compress/model_passes.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using testing::TempFolder;

// A model that spends its time as told.
std::filesystem::path spending(const TempFolder& folder, const std::string& name, const std::string& decode_s,
                               const std::string& prefill_s) {
    return folder.write(name + ".fake.json", R"({"load_s": 0.001, "prefill_s": )" + prefill_s +
                                                 R"(, "prefill_s_per_token": 0.0, "decode_s_per_token": )" + decode_s +
                                                 "}");
}

PassSettings few_rounds() {
    PassSettings settings;
    settings.n_rounds = 3;
    return settings;
}

TEST(ModelPasses, AreAtLeastWhatTheModelSpends) {
    const TempFolder folder;
    const auto passes = measure_passes(spending(folder, "m", "0.001", "0.01"), few_rounds(), {}, {});
    ASSERT_TRUE(passes) << passes.error().sentence;
    EXPECT_EQ(passes->depth, 512);
    EXPECT_GE(passes->decode, 0.001) << "of one token";
    EXPECT_GE(passes->decode_deep, 0.001);
    EXPECT_GE(passes->prefill, 0.01) << "of the whole batch";
    EXPECT_GE(passes->prefill_deep, 0.01);
}

TEST(ModelPasses, ARatioAboveOneIsFaster) {
    const TempFolder folder;
    double told = 0.0;
    const auto compared =
        compare_passes(spending(folder, "base", "0.004", "0.0001"), spending(folder, "small", "0.0001", "0.05"), 64, 96,
                       few_rounds(), {}, [&](double fraction) { told = fraction; });
    ASSERT_TRUE(compared) << compared.error().sentence;
    EXPECT_GT(compared->decode.ratio.seconds, 1.0);
    EXPECT_LT(compared->prefill.ratio.seconds, 1.0);
    EXPECT_LE(compared->decode.ratio.low, compared->decode.ratio.seconds);
    EXPECT_GE(compared->decode.ratio.high, compared->decode.ratio.seconds);
    EXPECT_DOUBLE_EQ(told, 1.0);
}

TEST(ModelPasses, SayWhatWentWrong) {
    const TempFolder folder;
    EXPECT_EQ(measure_passes(folder / "none.gguf", few_rounds(), {}, {}).error().kind, ErrorKind::Invalid);
    const auto model = spending(folder, "m", "0.0001", "0.0001");
    EXPECT_EQ(measure_passes(model, few_rounds(), [] { return true; }, {}).error().kind, ErrorKind::Interrupted);
}

}  // namespace
}  // namespace landauer
