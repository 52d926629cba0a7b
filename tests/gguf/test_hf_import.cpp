#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <functional>

#include "gguf/hf/import.h"
#include "gguf/summary.h"
#include "gguf/weights.h"
#include "gguf_testing.h"
#include "hf_testing.h"

namespace landauer {
namespace {

using testing::content_of;
using ::testing::HasSubstr;
using testing::HfTensor;
using testing::json;
using testing::TempFolder;
using testing::TinyHf;
using testing::write_hf_folder;

namespace fs = std::filesystem;

std::vector<TinyHf> families() {
    TinyHf llama;
    TinyHf qwen2;
    qwen2.hf_architecture = "Qwen2ForCausalLM";
    qwen2.biases = true;
    qwen2.type = "F16";
    qwen2.tied = false;
    TinyHf qwen3;
    qwen3.hf_architecture = "Qwen3ForCausalLM";
    qwen3.head_dim = 16;
    qwen3.type = "F32";
    TinyHf biased = llama;
    biased.biases = true;
    biased.type = "F32";
    return {llama, qwen2, qwen3, biased};
}

Error import_error(const TinyHf& model, const std::function<void(const fs::path&)>& damage = {}) {
    const TempFolder folder;
    write_hf_folder(model, folder / "hf");
    if (damage) damage(folder / "hf");
    const auto plan = plan_import({folder / "hf", "", "", "1"});
    if (!plan) return plan.error();
    const auto written = write_import(*plan, folder / "m.gguf", false, {});
    EXPECT_FALSE(written);
    EXPECT_FALSE(fs::exists(folder / "m.gguf"));
    EXPECT_FALSE(fs::exists(folder / "m.gguf.part"));
    return written ? Error{} : written.error();
}

// The value that a tensor of the folder has at (row, column).
float value_at(const HfTensor& tensor, std::size_t row, std::size_t column, std::size_t n_columns) {
    const std::size_t size = tensor.type == "F32" ? 4 : 2;
    std::uint32_t bits = 0;
    std::memcpy(&bits, tensor.data.data() + (row * n_columns + column) * size, size);
    if (tensor.type == "F16") return from_half(static_cast<std::uint16_t>(bits));
    if (tensor.type == "BF16") bits <<= 16U;
    float value = 0.0F;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

// Where a row of GGUF's lies in the folder when rotated pairs are put side by side: 0, half, 1, half + 1, ...
std::size_t source_row(std::size_t row, std::size_t head_dim) {
    const std::size_t within = row % head_dim;
    return row - within + within / 2 + (within % 2) * (head_dim / 2);
}

void expect_same(const WeightFile& file, const std::string& name, const HfTensor& source, std::size_t paired_dim) {
    const GgufTensor* tensor = file.find(name);
    ASSERT_NE(tensor, nullptr) << name;
    const bool is_matrix = source.shape.size() > 1;
    EXPECT_EQ(tensor->type, !is_matrix ? "f32" : source.type == "F32" ? "f32" : source.type == "F16" ? "f16" : "bf16");
    const auto values = file.read(name);
    ASSERT_TRUE(values) << values.error().sentence;
    const std::size_t n_columns = is_matrix ? static_cast<std::size_t>(source.shape[1]) : 1;
    ASSERT_EQ(values->size(), static_cast<std::size_t>(source.shape[0]) * n_columns);
    for (std::size_t i = 0; i < values->size(); ++i) {
        const std::size_t row = i / n_columns;
        const std::size_t from = paired_dim > 0 ? source_row(row, paired_dim) : row;
        ASSERT_EQ((*values)[i], value_at(source, from, i % n_columns, n_columns)) << name << " value " << i;
    }
}

TEST(HfImport, EveryFamilysTensorsArriveToTheBit) {
    for (const TinyHf& model : families()) {
        SCOPED_TRACE(model.hf_architecture + (model.biases ? " with biases" : ""));
        const TempFolder folder;
        write_hf_folder(model, folder / "hf");
        const auto plan = plan_import({folder / "hf", "", "", "1"});
        ASSERT_TRUE(plan) << plan.error().sentence;
        ASSERT_TRUE(write_import(*plan, folder / "m.gguf", false, {}));
        const auto file = WeightFile::open(folder / "m.gguf");
        ASSERT_TRUE(file) << file.error().sentence;
        auto weights = weights_of(model);
        EXPECT_EQ(file->summary().tensors.size(), weights.size());
        const std::size_t paired =
            model.hf_architecture == "LlamaForCausalLM" ? static_cast<std::size_t>(model.head_dim) : 0;
        expect_same(*file, "token_embd.weight", weights["model.embed_tokens.weight"], 0);
        expect_same(*file, "output_norm.weight", weights["model.norm.weight"], 0);
        if (!model.tied) expect_same(*file, "output.weight", weights["lm_head.weight"], 0);
        for (int layer = 0; layer < 2; ++layer) {
            const std::string from = fmt::format("model.layers.{}.", layer);
            const std::string to = fmt::format("blk.{}.", layer);
            expect_same(*file, to + "attn_norm.weight", weights[from + "input_layernorm.weight"], 0);
            expect_same(*file, to + "ffn_norm.weight", weights[from + "post_attention_layernorm.weight"], 0);
            expect_same(*file, to + "attn_q.weight", weights[from + "self_attn.q_proj.weight"], paired);
            expect_same(*file, to + "attn_k.weight", weights[from + "self_attn.k_proj.weight"], paired);
            expect_same(*file, to + "attn_v.weight", weights[from + "self_attn.v_proj.weight"], 0);
            expect_same(*file, to + "attn_output.weight", weights[from + "self_attn.o_proj.weight"], 0);
            expect_same(*file, to + "ffn_gate.weight", weights[from + "mlp.gate_proj.weight"], 0);
            expect_same(*file, to + "ffn_up.weight", weights[from + "mlp.up_proj.weight"], 0);
            expect_same(*file, to + "ffn_down.weight", weights[from + "mlp.down_proj.weight"], 0);
            if (model.biases) {
                expect_same(*file, to + "attn_q.bias", weights[from + "self_attn.q_proj.bias"], paired);
                expect_same(*file, to + "attn_k.bias", weights[from + "self_attn.k_proj.bias"], paired);
                expect_same(*file, to + "attn_v.bias", weights[from + "self_attn.v_proj.bias"], 0);
            }
            if (model.has_head_norms()) {
                expect_same(*file, to + "attn_q_norm.weight", weights[from + "self_attn.q_norm.weight"], 0);
            }
        }
    }
}

TEST(HfImport, ShardsGiveTheSameFileAndAMissingOneIsNamed) {
    const TempFolder folder;
    const TinyHf model;
    write_hf_folder(model, folder / "whole");
    write_hf_folder(model, folder / "parts" / "whole");
    const fs::path parts = folder / "parts" / "whole";
    fs::remove(parts / "model.safetensors");
    std::map<std::string, HfTensor> halves[2];
    json map = json::object();
    int turn = 0;
    for (const auto& [name, tensor] : weights_of(model)) {
        map[name] = fmt::format("part-{}.safetensors", turn);
        halves[turn][name] = tensor;
        turn = 1 - turn;
    }
    for (int i = 0; i < 2; ++i) {
        testing::write_bytes(parts / fmt::format("part-{}.safetensors", i), testing::safetensors_of(halves[i]));
    }
    testing::write_json(parts / "model.safetensors.index.json", {{"weight_map", map}});
    for (const char* which : {"whole", "parts/whole"}) {
        const auto plan = plan_import({folder / which, "", "", "1"});
        ASSERT_TRUE(plan) << plan.error().sentence;
        ASSERT_TRUE(write_import(*plan, folder / (fs::path(which).parent_path().string() + "m.gguf"), false, {}));
    }
    EXPECT_EQ(content_of(folder / "m.gguf"), content_of(folder / "partsm.gguf"));

    const auto error_now = [&] { return plan_import({parts, "", "", "1"}).error().sentence; };
    map["model.norm.weight"] =
        map["model.norm.weight"] == "part-0.safetensors" ? "part-1.safetensors" : "part-0.safetensors";
    testing::write_json(parts / "model.safetensors.index.json", {{"weight_map", map}});
    EXPECT_THAT(error_now(), HasSubstr("does not hold model.norm.weight"));
    map["model.norm.weight"] = "../../whole/model.safetensors";
    testing::write_json(parts / "model.safetensors.index.json", {{"weight_map", map}});
    EXPECT_THAT(error_now(), HasSubstr("where a file's name should be"));
    fs::remove(parts / "model.safetensors.index.json");
    halves[1]["model.embed_tokens.weight"] = weights_of(model)["model.embed_tokens.weight"];
    halves[0]["model.embed_tokens.weight"] = halves[1]["model.embed_tokens.weight"];
    for (int i = 0; i < 2; ++i) {
        testing::write_bytes(parts / fmt::format("part-{}.safetensors", i), testing::safetensors_of(halves[i]));
    }
    EXPECT_THAT(error_now(), HasSubstr("model.embed_tokens.weight is in two files"));
    testing::write_json(parts / "model.safetensors.index.json", {{"weight_map", {{"a", "part-7.safetensors"}}}});
    EXPECT_THAT(error_now(), HasSubstr("lacks part-7.safetensors"));
}

TEST(HfImport, AnotherTypeIsEncodedAndKeptWhereItFits) {
    const TempFolder folder;
    TinyHf model;
    model.n_ff = 48;  // no multiple of Q8_0's blocks
    write_hf_folder(model, folder / "hf");
    const auto plan = plan_import({folder / "hf", "q8_0", "", "1"});
    ASSERT_TRUE(plan) << plan.error().sentence;
    ASSERT_TRUE(write_import(*plan, folder / "m.gguf", false, {}));
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->find("blk.0.attn_q.weight")->type, "q8_0");
    EXPECT_EQ(file->find("blk.0.ffn_down.weight")->type, "f16");
    EXPECT_EQ(file->find("blk.0.attn_norm.weight")->type, "f32");
    const auto values = file->read("token_embd.weight");
    ASSERT_TRUE(values);
    const HfTensor source = weights_of(model)["model.embed_tokens.weight"];
    for (std::size_t i = 0; i < values->size(); ++i) EXPECT_NEAR((*values)[i], value_at(source, 0, i, 0), 0.01F);
    EXPECT_THAT(plan_import({folder / "hf", "Q4_K", "", "1"}).error().sentence, HasSubstr("Q4_K is no type"));
}

TEST(HfImport, TheFileThatIsThereIsKnownAgainUntilSomethingChanges) {
    const TempFolder folder;
    write_hf_folder(TinyHf{}, folder / "hf");
    const auto plan = plan_import({folder / "hf", "", "", "1"});
    ASSERT_TRUE(plan);
    EXPECT_FALSE(is_import_of(*plan, folder / "m.gguf"));
    ASSERT_TRUE(write_import(*plan, folder / "m.gguf", false, {}));
    EXPECT_TRUE(is_import_of(*plan, folder / "m.gguf"));
    EXPECT_FALSE(is_import_of(*plan_import({folder / "hf", "F32", "", "1"}), folder / "m.gguf"));
    EXPECT_FALSE(is_import_of(*plan_import({folder / "hf", "", "", "2"}), folder / "m.gguf"));
    using namespace std::chrono_literals;
    fs::last_write_time(folder / "hf" / "model.safetensors", fs::last_write_time(folder / "m.gguf") + 1h);
    EXPECT_FALSE(is_import_of(*plan, folder / "m.gguf"));
}

TEST(HfImport, StoppedItLeavesNothing) {
    const TempFolder folder;
    write_hf_folder(TinyHf{}, folder / "hf");
    const auto plan = plan_import({folder / "hf", "", "", "1"});
    ASSERT_TRUE(plan);
    const auto written = write_import(*plan, folder / "m.gguf", false, [](std::uint64_t) { return false; });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::Interrupted);
    EXPECT_FALSE(fs::exists(folder / "m.gguf"));
    EXPECT_FALSE(fs::exists(folder / "m.gguf.part"));
}

// Changes one tensor of the folder's only file.
std::function<void(const fs::path&)> with_tensor(const TinyHf& model, const std::string& name,
                                                 const std::function<void(HfTensor&)>& change) {
    return [=](const fs::path& folder) {
        auto weights = weights_of(model);
        change(weights[name]);
        if (weights[name].type.empty()) weights.erase(name);
        testing::write_bytes(folder / "model.safetensors", testing::safetensors_of(weights));
    };
}

TEST(HfImport, WeightsThatDoNotFitAreRefusedByName) {
    const TinyHf model;
    const std::string name = "model.layers.1.mlp.up_proj.weight";
    const auto said = [&](const std::string& tensor, const std::function<void(HfTensor&)>& change) {
        const Error error = import_error(model, with_tensor(model, tensor, change));
        EXPECT_EQ(error.kind, ErrorKind::Invalid);
        EXPECT_FALSE(error.remedy.empty());
        return error.sentence;
    };
    EXPECT_THAT(said(name, [](HfTensor& t) { t.type.clear(); }), HasSubstr("no " + name));
    EXPECT_THAT(said(name, [](HfTensor& t) { std::swap(t.shape[0], t.shape[1]); }),
                HasSubstr("(32, 64), and config.json wants (64, 32)"));
    EXPECT_THAT(said(name, [](HfTensor& t) { t.type = "I16"; }), HasSubstr(name + " is stored as I16"));
    EXPECT_THAT(said(name, [](HfTensor& t) { t = {"F8_E4M3", {64, 32}, std::string(2048, 'x')}; }),
                HasSubstr("F8_E4M3"));
    EXPECT_THAT(said(name, [](HfTensor& t) { t.data.replace(200, 2, "\xC0\x7F"); }),
                HasSubstr("Value 100 of " + name + " is nan"));
    EXPECT_THAT(said(name, [](HfTensor& t) { t.data.replace(200, 2, "\x80\x7F"); }), HasSubstr("is inf"));
    EXPECT_THAT(said("model.layers.0.mlp.experts.0.weight", [](HfTensor& t) { t = {"U8", {1}, "x"}; }),
                HasSubstr("no place for model.layers.0.mlp.experts.0.weight"));
}

TEST(HfImport, AValueTooLargeForHalvesIsRefused) {
    const TempFolder folder;
    const TinyHf model;
    write_hf_folder(model, folder / "hf");
    with_tensor(model, "model.norm.weight", [](HfTensor&) {})(folder / "hf");
    with_tensor(model, "model.embed_tokens.weight",
                [](HfTensor& t) { t.data.replace(4, 2, "\x80\x47"); })(folder / "hf");
    for (const auto& [type, is_good] : {std::pair{"F16", false}, std::pair{"Q8_0", false}, std::pair{"BF16", true}}) {
        const auto plan = plan_import({folder / "hf", type, "", "1"});
        ASSERT_TRUE(plan);
        const auto written = write_import(*plan, folder / "m.gguf", true, {});
        EXPECT_EQ(written.has_value(), is_good) << type;
        if (!written) {
            EXPECT_THAT(written.error().sentence, HasSubstr("65536, too large"));
        }
    }
}

TEST(HfImport, ATiedHeadThatIsThereOnceMoreIsLeftOut) {
    const TempFolder folder;
    const TinyHf model;
    write_hf_folder(model, folder / "hf");
    auto weights = weights_of(model);
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"];
    weights["model.layers.0.self_attn.rotary_emb.inv_freq"] = {"F32", {1}, "xxxx"};
    testing::write_bytes(folder / "hf" / "model.safetensors", testing::safetensors_of(weights));
    const auto plan = plan_import({folder / "hf", "", "", "1"});
    ASSERT_TRUE(plan) << plan.error().sentence;
    for (const ImportTensor& tensor : plan->tensors) EXPECT_NE(tensor.spec.name, "output.weight");
    TinyHf untied;
    untied.tied = false;
    EXPECT_THAT(
        import_error(untied, with_tensor(untied, "lm_head.weight", [](HfTensor& t) { t.type.clear(); })).sentence,
        HasSubstr("no lm_head.weight"));
}

TEST(HfImport, AFolderThatIsNoneIsRefusedByName) {
    const TempFolder folder;
    const auto said = [](const fs::path& path) { return plan_import({path, "", "", "1"}).error().sentence; };
    EXPECT_THAT(said(folder / "none"), HasSubstr("does not exist"));
    EXPECT_THAT(said(folder.write("file", "x")), HasSubstr("is no folder"));
    EXPECT_THAT(said(folder.path()), HasSubstr("has no config.json"));
    EXPECT_THAT(import_error({}, [](const fs::path& f) { testing::write_bytes(f / "config.json", "{"); }).sentence,
                HasSubstr("is no JSON object"));
    EXPECT_THAT(import_error({}, [](const fs::path& f) { fs::remove(f / "model.safetensors"); }).sentence,
                HasSubstr("no safetensors files"));
    EXPECT_THAT(
        import_error({}, [](const fs::path& f) { fs::rename(f / "model.safetensors", f / "pytorch_model.bin"); })
            .sentence,
        HasSubstr("only PyTorch checkpoints"));
    EXPECT_THAT(import_error({}, [](const fs::path& f) { fs::remove(f / "tokenizer.json"); }).sentence,
                HasSubstr("has no tokenizer.json."));
    EXPECT_THAT(
        import_error({}, [](const fs::path& f) { fs::rename(f / "tokenizer.json", f / "tokenizer.model"); }).sentence,
        HasSubstr("only a SentencePiece tokenizer.model"));
    const auto inspected = inspect_gguf(folder / "");
    write_hf_folder(TinyHf{}, folder / "hf");
    EXPECT_THAT(inspect_gguf(folder / "hf").error().remedy, HasSubstr("landauer import"));
    EXPECT_THAT(inspected.error().sentence, HasSubstr("is a folder"));
}

}  // namespace
}  // namespace landauer
