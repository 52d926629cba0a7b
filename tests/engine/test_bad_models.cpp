// Files that are no models, and settings that cannot be.
#include <gguf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_testing.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;

Error load_error(const EngineSettings& settings) {
    const auto result = make_llama_engine()->load(settings, {});
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
}

EngineSettings settings_for(const std::filesystem::path& model) {
    EngineSettings settings;
    settings.model = model;
    settings.n_ctx = 64;
    return settings;
}

// A GGUF file with nothing but an architecture, some numbers and one tensor.
std::filesystem::path write_gguf(const TempFolder& folder, const std::string& architecture, std::uint32_t n_layer) {
    auto* header = gguf_init_empty();
    auto* tensors = ggml_init({1U << 16U, nullptr, false});
    gguf_set_val_str(header, "general.architecture", architecture.c_str());
    gguf_set_val_u32(header, (architecture + ".block_count").c_str(), n_layer);
    gguf_set_val_u32(header, (architecture + ".embedding_length").c_str(), 32);
    gguf_set_val_u32(header, (architecture + ".context_length").c_str(), 128);
    auto* tensor = ggml_new_tensor_2d(tensors, GGML_TYPE_F32, 32, 4);
    ggml_set_name(tensor, "token_embd.weight");
    gguf_add_tensor(header, tensor);
    const auto file = folder.path() / "m.gguf";
    EXPECT_TRUE(gguf_write_to_file(header, file.c_str(), false));
    ggml_free(tensors);
    gguf_free(header);
    return file;
}

TEST(BadModels, FilesThatAreNoModels) {
    const TempFolder folder;
    EXPECT_THAT(load_error(settings_for(folder.path() / "none.gguf")).sentence, HasSubstr("does not exist"));
    EXPECT_THAT(load_error(settings_for(folder.write("e.gguf", ""))).sentence, HasSubstr("is empty"));
    EXPECT_THAT(load_error(settings_for(folder.write("h.gguf", "<html>"))).sentence, HasSubstr("web page"));
    EXPECT_THAT(load_error(settings_for(folder.path())).sentence, HasSubstr("is a folder"));
    const auto vocabulary = open_vocabulary(folder.write("v.gguf", "GGUF"));
    ASSERT_FALSE(vocabulary);
    EXPECT_THAT(vocabulary.error().sentence, HasSubstr("damaged"));
}

TEST(BadModels, UnknownArchitectureCarriesWhatLlamaSaid) {
    const TempFolder folder;
    const Error error = load_error(settings_for(write_gguf(folder, "martian", 2)));
    EXPECT_EQ(error.kind, ErrorKind::Failed);
    EXPECT_THAT(error.sentence, HasSubstr("could not load"));
    EXPECT_THAT(error.sentence, HasSubstr("unknown model architecture: 'martian'"));
    EXPECT_THAT(error.remedy, HasSubstr("-v"));
}

TEST(BadModels, ImpossibleNumbersNeverReachLlama) {
    const TempFolder folder;
    const Error error = load_error(settings_for(write_gguf(folder, "llama", 4000)));
    EXPECT_EQ(error.kind, ErrorKind::Invalid);
    EXPECT_THAT(error.sentence, HasSubstr("4000 layers"));
}

TEST(BadModels, LogSinkSeesWhatLlamaLogs) {
    const TempFolder folder;
    std::string seen;
    set_engine_log([&](std::string_view line) { seen += std::string(line) + "\n"; });
    (void)load_error(settings_for(write_gguf(folder, "martian", 2)));
    set_engine_log({});
    EXPECT_THAT(seen, HasSubstr("martian"));
    EXPECT_THAT(seen, HasSubstr("loaded meta data"));
    const char* model = std::getenv("LANDAUER_TEST_MODEL");
    if (model == nullptr) return;
    set_engine_log([&](std::string_view line) { seen += std::string(line) + "\n"; });
    EXPECT_TRUE(make_llama_engine()->load(settings_for(model), {}));
    set_engine_log({});
    EXPECT_THAT(seen, HasSubstr("compute buffer size"));
    EXPECT_THAT(seen, Not(HasSubstr("is used by node"))) << "debugging lines";
}

TEST(BadModels, SettingsAreCheckedByName) {
    struct Case {
        void (*change)(EngineSettings&);
        const char* sentence;
        const char* remedy;
    };
    const Case cases[] = {
        {[](EngineSettings& s) { s.type_k = "q9"; }, "cache type for keys \"q9\"", "f16"},
        {[](EngineSettings& s) { s.type_v = "iq1_s"; }, "cache type for values", "q8_0"},
        {[](EngineSettings& s) { s.flash_attn = "maybe"; }, "\"maybe\"", "auto, on or off"},
        {[](EngineSettings& s) { s.load_mode = "floppy"; }, "\"floppy\"", "mmap"},
        {[](EngineSettings& s) { s.n_threads = 0; }, "0 threads", "512"},
        {[](EngineSettings& s) { s.n_threads = 513; }, "513 threads", "512"},
        {[](EngineSettings& s) { s.n_batch = 0; }, "Batches of 0", "-b"},
        {[](EngineSettings& s) { s.n_ctx = -1; }, "context of -1", "-c"},
    };
    for (const Case& each : cases) {
        EngineSettings settings = settings_for("unused.gguf");
        each.change(settings);
        const Error error = load_error(settings);
        EXPECT_EQ(error.kind, ErrorKind::Invalid);
        EXPECT_THAT(error.sentence, HasSubstr(each.sentence));
        EXPECT_THAT(error.remedy, HasSubstr(each.remedy));
    }
    EngineSettings settings = settings_for("unused.gguf");
    settings.type_v = "q8_0";
    settings.flash_attn = "off";
    EXPECT_THAT(load_error(settings).sentence, HasSubstr("needs flash attention"));
}

TEST(BadModels, WorkBeforeLoadIsOurBug) {
    auto engine = make_llama_engine();
    const auto result = engine->run({}, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Bug);
    EXPECT_FALSE(engine->tokenize({}));
}

}  // namespace
}  // namespace landauer
