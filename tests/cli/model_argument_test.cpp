#include "cli/model_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "temp_folder.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelArgument : public ::testing::Test {
   protected:
    fs::path touch(const std::string& below) {
        const fs::path file = root_ / below;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << "x";
        return file;
    }
    Getenv environment(std::map<std::string, std::string> values) {
        return [values](const std::string& name) {
            const auto found = values.find(name);
            return found == values.end() ? std::string() : found->second;
        };
    }

    testing::TempFolder folder_;
    fs::path root_ = folder_.path();
};

TEST_F(ModelArgument, FindsTheWantedQuantInTheHubCache) {
    touch("hub/models--org--repo/snapshots/abc/model-Q8_0.gguf");
    const fs::path q4 = touch("hub/models--org--repo/snapshots/abc/model-Q4_K_M.gguf");
    const auto env = environment({{"HF_HOME", root_.string()}});
    EXPECT_EQ(find_hf_model("org/repo:q4_k_m", env).value(), q4);
    EXPECT_EQ(find_hf_model("org/repo", env).value(), q4) << "Q4_K_M is the default";
    EXPECT_EQ(find_hf_model("org/repo:Q8_0", env)->filename(), "model-Q8_0.gguf");
}

TEST_F(ModelArgument, FindsLlamaCppsFlatFilesFirst) {
    touch("hub/models--org--repo/snapshots/abc/model-Q4_K_M.gguf");
    const fs::path flat = touch("llama/org_repo_model-Q4_K_M.gguf");
    const auto env = environment({{"LLAMA_CACHE", (root_ / "llama").string()}, {"HF_HOME", root_.string()}});
    EXPECT_EQ(find_hf_model("org/repo", env).value(), flat);
}

TEST_F(ModelArgument, SkipsProjectorsAndLaterParts) {
    touch("hub/models--org--repo/snapshots/a/mmproj-F16.gguf");
    touch("hub/models--org--repo/snapshots/a/m-00002-of-00002.gguf");
    const fs::path first = touch("hub/models--org--repo/snapshots/a/m-00001-of-00002.gguf");
    EXPECT_EQ(find_hf_model("org/repo", environment({{"HF_HOME", root_.string()}})).value(), first);
}

TEST_F(ModelArgument, SaysWhereItLooked) {
    const auto missing = find_hf_model("org/none", environment({{"HF_HUB_CACHE", root_.string()}}));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::Absent);
    EXPECT_THAT(missing.error().sentence, HasSubstr(root_.string()));
}

TEST_F(ModelArgument, RefusesMalformedNames) {
    for (const char* name : {"", "repo", "/repo", "org/", "org/:Q4"}) {
        const auto model = find_hf_model(name, environment({}));
        ASSERT_FALSE(model) << name;
        EXPECT_EQ(model.error().kind, ErrorKind::Invalid) << name;
    }
}

TEST(SplitCommas, AddsUpListsAndRepeats) {
    EXPECT_THAT(split_commas({"a,b", "c", ",d,"}), ElementsAre("a", "b", "c", "d"));
}

}  // namespace
}  // namespace landauer
