#include "gguf/hf/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>
#include <numeric>
#include <system_error>

#include "ggml.h"
#include "gguf/hf/json_file.h"
#include "gguf/hf/tokenizer.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

// llama.cpp's numbers of file types (general.file_type).
struct ImportType {
    const char* name;
    const char* ggml;
    std::uint32_t file_type;
};
constexpr std::array kTypes = {ImportType{"F32", "f32", 0}, ImportType{"F16", "f16", 1}, ImportType{"Q8_0", "q8_0", 7},
                               ImportType{"BF16", "bf16", 32}};

Result<std::string> ggml_type_of(std::string name) {
    if (name.empty()) return name;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const ImportType& type : kTypes) {
        if (name == type.name) return std::string(type.ggml);
    }
    return fail(ErrorKind::Invalid, fmt::format("{} is no type that weights are imported in.", name),
                "Use F32, F16, BF16 or Q8_0, or leave it out to keep what the folder has.");
}

// The folder's name; of a download cache the repository's.
std::string name_of(const fs::path& folder) {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(folder, ignored);
    const std::string above = whole.parent_path().parent_path().filename().string();
    const bool is_cached = whole.parent_path().filename() == "snapshots" && above.starts_with("models--");
    if (!is_cached) return whole.filename().string();
    const std::size_t dashes = above.rfind("--");
    return above.substr(dashes + 2);
}

class HeaderBuilder {
   public:
    explicit HeaderBuilder(GgufHeader& header) : header_(header) {}

    void set(const std::string& key, const GgufValue& value) {
        if (good_) good_ = header_.set(key, value);
    }
    void count(const std::string& key, std::int64_t value) { set(key, static_cast<std::uint32_t>(value)); }
    void number(const std::string& key, double value) { set(key, static_cast<float>(value)); }
    [[nodiscard]] const Result<void>& good() const { return good_; }

   private:
    GgufHeader& header_;
    Result<void> good_;
};

void describe_rope(const HfConfig& config, const std::string& arch, HeaderBuilder& header) {
    const HfRope& rope = config.rope;
    header.number(arch + "rope.freq_base", rope.theta);
    if (!rope.sections.empty()) header.set(arch + "rope.dimension_sections", rope.sections);
    if (rope.scaling != RopeScaling::Linear && rope.scaling != RopeScaling::Yarn) return;
    const bool is_yarn = rope.scaling == RopeScaling::Yarn;
    header.set(arch + "rope.scaling.type", std::string(is_yarn ? "yarn" : "linear"));
    header.number(arch + "rope.scaling.factor", rope.stretch.factor);
    if (!is_yarn) return;
    header.count(arch + "rope.scaling.original_context_length",
                 static_cast<std::int64_t>(rope.stretch.original_context));
    // llama.cpp multiplies it with the usual rule's.
    if (rope.attention_factor) {
        header.number(arch + "rope.scaling.attn_factor",
                      *rope.attention_factor / (1.0 + 0.1 * std::log(rope.stretch.factor)));
    }
}

void describe_model(const HfConfig& config, HeaderBuilder& header) {
    const std::string arch = config.architecture + ".";
    header.count(arch + "block_count", config.n_layer);
    header.count(arch + "context_length", config.context_length);
    header.count(arch + "embedding_length", config.n_embd);
    header.count(arch + "feed_forward_length", config.n_ff);
    header.count(arch + "attention.head_count", config.n_head);
    header.count(arch + "attention.head_count_kv", config.n_head_kv);
    header.number(arch + "attention.layer_norm_rms_epsilon", config.rms_eps);
    header.count(arch + "vocab_size", config.n_vocab);
    if (config.states_head_dim || config.head_dim * config.n_head != config.n_embd) {
        header.count(arch + "attention.key_length", config.head_dim);
        header.count(arch + "attention.value_length", config.head_dim);
    }
    if (config.architecture == "llama") header.count(arch + "rope.dimension_count", config.head_dim);
    describe_rope(config, arch, header);
}

void describe_templates(const HfTokenizer& tokenizer, HeaderBuilder& header) {
    std::vector<std::string> names;
    for (const auto& [name, text] : tokenizer.chat_templates) {
        header.set(name.empty() ? "tokenizer.chat_template" : "tokenizer.chat_template." + name, text);
        if (!name.empty()) names.push_back(name);
    }
    if (!names.empty()) header.set("tokenizer.chat_templates", names);
}

void describe_tokenizer(const HfTokenizer& tokenizer, HeaderBuilder& header) {
    const std::string prefix = "tokenizer.ggml.";
    header.set(prefix + "model", tokenizer.model);
    header.set(prefix + "pre", tokenizer.pre);
    header.set(prefix + "tokens", tokenizer.tokens);
    header.set(prefix + "token_type", tokenizer.kinds);
    if (!tokenizer.scores.empty()) header.set(prefix + "scores", tokenizer.scores);
    if (!tokenizer.merges.empty()) header.set(prefix + "merges", tokenizer.merges);
    for (const auto& [kind, id] : tokenizer.ids) header.count(prefix + kind + "_token_id", id);
    header.set(prefix + "add_bos_token", tokenizer.add_bos);
    header.set(prefix + "add_eos_token", tokenizer.add_eos);
    if (tokenizer.add_space_prefix) header.set(prefix + "add_space_prefix", *tokenizer.add_space_prefix);
    describe_templates(tokenizer, header);
}

// The type that most of the weights have.
std::uint32_t file_type_of(const std::vector<ImportTensor>& tensors) {
    std::array<std::int64_t, kTypes.size()> n_values{};
    for (const ImportTensor& tensor : tensors) {
        for (std::size_t i = 0; i < kTypes.size(); ++i) {
            if (tensor.spec.type != kTypes[i].ggml) continue;
            n_values[i] += std::accumulate(tensor.spec.shape.begin(), tensor.spec.shape.end(), std::int64_t{1},
                                           std::multiplies<>());
        }
    }
    const auto most = std::max_element(n_values.begin(), n_values.end()) - n_values.begin();
    return kTypes[static_cast<std::size_t>(most)].file_type;
}

Result<void> fill_header(ImportPlan& plan, const HfTokenizer& tokenizer, const std::string& version) {
    HeaderBuilder header(plan.header);
    header.set("general.architecture", plan.config.architecture);
    header.set("general.type", std::string("model"));
    header.set("general.name", plan.name);
    header.set("general.file_type", file_type_of(plan.tensors));
    header.count("general.quantization_version", GGML_QNT_VERSION);
    header.set("landauer.import.architecture", plan.config.hf_architecture);
    header.set("landauer.import.version", version);
    describe_model(plan.config, header);
    describe_tokenizer(tokenizer, header);
    if (!header.good()) return header.good();
    for (const ImportTensor& tensor : plan.tensors) {
        if (auto good = plan.header.add_tensor(tensor.spec); !good) return good;
    }
    return {};
}

Result<void> check_folder(const fs::path& folder) {
    std::error_code problem;
    const auto status = fs::status(folder, problem);
    if (!fs::exists(status)) {
        return fail(ErrorKind::Invalid, fmt::format("The folder {} does not exist.", folder.string()),
                    "Check the path.");
    }
    if (!fs::is_directory(status)) {
        return fail(ErrorKind::Invalid, fmt::format("{} is no folder.", folder.string()),
                    "Give the folder of a Hugging Face model: config.json, tokenizer.json, *.safetensors.");
    }
    return {};
}

}  // namespace

std::uint64_t ImportPlan::n_params() const {
    std::uint64_t n = 0;
    for (const ImportTensor& tensor : tensors) {
        if (tensor.source.empty()) continue;
        n += std::accumulate(
            tensor.spec.shape.begin(), tensor.spec.shape.end(), std::uint64_t{1},
            [](std::uint64_t product, std::int64_t size) { return product * static_cast<std::uint64_t>(size); });
    }
    return n;
}

std::uint64_t ImportPlan::source_bytes() const {
    std::uint64_t n = 0;
    for (const ImportTensor& tensor : tensors) {
        const SafeTensor* source = weights.find(tensor.source);
        if (source != nullptr) n += source->bytes;
    }
    return n;
}

Result<ImportPlan> plan_import(const ImportRequest& request) {
    if (auto good = check_folder(request.folder); !good) return tl::unexpected(good.error());
    const auto type = ggml_type_of(request.type);
    if (!type) return tl::unexpected(type.error());
    const auto json = read_json_object(request.folder / "config.json");
    if (!json) return tl::unexpected(json.error());
    ImportPlan plan;
    plan.name = name_of(request.folder);
    auto config = read_hf_config(*json);
    if (!config) return tl::unexpected(config.error());
    plan.config = std::move(*config);
    auto weights = HfWeights::open(request.folder);
    if (!weights) return tl::unexpected(weights.error());
    plan.weights = std::move(*weights);
    auto tensors = import_tensors(plan.config, plan.weights, *type);
    if (!tensors) return tl::unexpected(tensors.error());
    plan.tensors = std::move(*tensors);
    const auto files = read_tokenizer_files(request.folder);
    if (!files) return tl::unexpected(files.error());
    auto tokenizer = read_hf_tokenizer(*files, plan.config.n_vocab, request.pre);
    if (!tokenizer) return tl::unexpected(tokenizer.error());
    plan.notes = std::move(tokenizer->notes);
    plan.tokenizer = fmt::format("{}, {}", tokenizer->model, tokenizer->pre);
    if (auto good = fill_header(plan, *tokenizer, request.version); !good) return tl::unexpected(good.error());
    return plan;
}

bool is_import_of(const ImportPlan& plan, const fs::path& file) {
    std::error_code problem;
    if (fs::file_size(file, problem) != plan.header.file_bytes() || problem) return false;
    const auto made = fs::last_write_time(file, problem);
    for (const SafetensorsFile& source : plan.weights.files()) {
        if (problem || fs::last_write_time(source.path(), problem) > made) return false;
    }
    const std::string wanted = plan.header.bytes();
    std::string found(wanted.size(), '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(found.data(), static_cast<std::streamsize>(found.size()));
    return stream && found == wanted;
}

}  // namespace landauer
