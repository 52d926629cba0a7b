#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "gguf/synth/shape.h"

namespace landauer {
namespace {

constexpr std::int64_t kLlama3Vocab = 128256;
constexpr std::int64_t kQwen2Vocab = 151936;
constexpr std::int64_t kSmolVlmVocab = 49280;
constexpr std::size_t kNearest = 3;  // names shown for one that is unknown

LanguageShape llama3(std::int64_t n_layer, std::int64_t n_embd, std::int64_t n_ff, std::int64_t n_head) {
    LanguageShape shape;
    shape.architecture = "llama";
    shape.n_layer = n_layer;
    shape.n_embd = n_embd;
    shape.n_ff = n_ff;
    shape.n_head = n_head;
    shape.n_head_kv = 8;
    shape.n_vocab = kLlama3Vocab;
    shape.context_length = 131072;
    shape.rope_base = 500000.0F;
    shape.rms_epsilon = 1e-5F;
    shape.tied = true;
    shape.rope_factor = 32.0;
    return shape;
}

LanguageShape llama31_8b() {
    LanguageShape shape = llama3(32, 4096, 14336, 32);
    shape.tied = false;
    shape.rope_factor = 8.0;
    return shape;
}

LanguageShape smollm2(std::int64_t n_layer, std::int64_t n_embd, std::int64_t n_ff, std::int64_t n_head) {
    LanguageShape shape;
    shape.architecture = "llama";
    shape.n_layer = n_layer;
    shape.n_embd = n_embd;
    shape.n_ff = n_ff;
    shape.n_head = n_head;
    shape.n_head_kv = n_head / 3;
    shape.n_vocab = 49152;
    shape.context_length = 8192;
    shape.rope_base = 100000.0F;
    shape.rms_epsilon = 1e-5F;
    shape.tied = true;
    return shape;
}

LanguageShape smolvlm_256m() {
    LanguageShape shape = smollm2(30, 576, 1536, 9);
    shape.n_vocab = kSmolVlmVocab;
    shape.tied = false;
    return shape;
}

LanguageShape qwen2_vl(std::int64_t n_ff) {
    LanguageShape shape;
    shape.architecture = "qwen2vl";
    shape.n_layer = 28;
    shape.n_embd = 1536;
    shape.n_ff = n_ff;
    shape.n_head = 12;
    shape.n_head_kv = 2;
    shape.n_vocab = kQwen2Vocab;
    shape.context_length = 32768;
    shape.rope_base = 1e6F;
    shape.rms_epsilon = 1e-6F;
    shape.tied = true;
    shape.qkv_bias = true;
    shape.rope_sections = {16, 24, 24, 0};
    return shape;
}

// A test's model: the true one with fewer and narrower layers.
LanguageShape tiny(LanguageShape shape) {
    shape.n_layer = 4;
    shape.n_embd = 256;
    shape.n_ff = 768;
    shape.n_head = 4;
    shape.n_head_kv = 2;
    shape.n_vocab = 0;
    if (shape.rope_sections[0] > 0) shape.rope_sections = {8, 12, 12, 0};
    return shape;
}

LanguageShape qwen2() {
    LanguageShape shape = qwen2_vl(8960);
    shape.architecture = "qwen2";
    shape.rope_sections = {};
    return shape;
}

TowerShape qwen2_vl_tower() {
    TowerShape tower;
    tower.family = TowerFamily::qwen2vl;
    tower.n_layer = 32;
    tower.n_embd = 1280;
    tower.n_ff = 5120;
    tower.n_head = 16;
    tower.patch_size = 14;
    tower.image_size = 560;
    tower.merge = 2;
    return tower;
}

TowerShape smolvlm_tower() {
    TowerShape tower;
    tower.family = TowerFamily::idefics3;
    tower.n_layer = 12;
    tower.n_embd = 768;
    tower.n_ff = 3072;
    tower.n_head = 12;
    tower.patch_size = 16;
    tower.image_size = 512;
    tower.merge = 4;
    tower.longest_edge = 2048;
    return tower;
}

// Pixels and merging stay, so that an image costs as many tokens as with the true tower.
TowerShape tiny(TowerShape tower) {
    tower.n_layer = 2;
    tower.n_embd = 64;
    tower.n_ff = 256;
    tower.n_head = 2;
    return tower;
}

std::vector<SynthShape> make_shapes() {
    using Family = TokenizerFamily;
    const auto qwen_tower = qwen2_vl_tower();
    const auto smol_tower = smolvlm_tower();
    // The narrower feed-forward part of 1.1b-like leaves 57 % of the 2B's language weights. Width, depth, heads
    // and vocabulary stay, and with them the tower's output and the cache, as in a compressed partner.
    return {
        {"llama-3.1-8b",
         "Llama-3.1-8B",
         "8B",
         llama31_8b(),
         {},
         Family::llama3,
         false,
         "Q4_K_M",
         "Llama 3.1 8B Instruct"},
        {"llama-3.2-3b",
         "Llama-3.2-3B",
         "3B",
         llama3(28, 3072, 8192, 24),
         {},
         Family::llama3,
         false,
         "Q4_K_M",
         "Llama 3.2 3B Instruct; the size of an 8B compressed to 3.2B"},
        {"llama-3.2-1b",
         "Llama-3.2-1B",
         "1B",
         llama3(16, 2048, 8192, 32),
         {},
         Family::llama3,
         false,
         "Q4_K_M",
         "Llama 3.2 1B Instruct"},
        {"qwen2-vl-2b", "Qwen2-VL-2B", "2B", qwen2_vl(8960), qwen_tower, Family::qwen2, false, "F16",
         "Qwen2-VL 2B Instruct"},
        {"qwen2-vl-1.1b-like", "Qwen2-VL-1.1B-like", "1.1B", qwen2_vl(3840), qwen_tower, Family::qwen2, false, "F16",
         "Qwen2-VL 2B with 57 % of its language weights"},
        {"smolvlm-256m", "SmolVLM-256M", "256M", smolvlm_256m(), smol_tower, Family::smolvlm, false, "Q8_0",
         "SmolVLM 256M Instruct"},
        {"smollm2-135m",
         "SmolLM2-135M",
         "135M",
         smollm2(30, 576, 1536, 9),
         {},
         Family::smollm2,
         false,
         "Q8_0",
         "SmolLM2 135M Instruct"},
        {"smollm2-360m",
         "SmolLM2-360M",
         "360M",
         smollm2(32, 960, 2560, 15),
         {},
         Family::smollm2,
         false,
         "Q8_0",
         "SmolLM2 360M Instruct"},
        {"tiny-llama", "Tiny-Llama", "3M", tiny(llama31_8b()), {}, Family::llama3, true, "Q4_K_M", "tests"},
        {"tiny-qwen2", "Tiny-Qwen2", "3M", tiny(qwen2()), {}, Family::qwen2, true, "Q4_K_M", "tests"},
        {"tiny-qwen2-vl", "Tiny-Qwen2-VL", "3M", tiny(qwen2_vl(8960)), tiny(qwen_tower), Family::qwen2, true, "F16",
         "tests"},
        {"tiny-smolvlm", "Tiny-SmolVLM", "3M", tiny(smolvlm_256m()), tiny(smol_tower), Family::smolvlm, true, "F16",
         "tests"},
    };
}

// Changes of one letter that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row.back();
}

std::vector<std::string> nearest(std::string_view name) {
    std::vector<std::string> names;
    for (const SynthShape& shape : synth_shapes()) names.push_back(shape.name);
    std::stable_sort(names.begin(), names.end(), [name](const std::string& a, const std::string& b) {
        return distance(name, a) < distance(name, b);
    });
    names.resize(kNearest);
    return names;
}

}  // namespace

const std::vector<SynthShape>& synth_shapes() {
    static const std::vector<SynthShape> shapes = make_shapes();
    return shapes;
}

Result<SynthShape> find_shape(std::string_view name) {
    for (const SynthShape& shape : synth_shapes()) {
        if (shape.name == name) return shape;
    }
    return fail(ErrorKind::Invalid, fmt::format("There is no shape \"{}\".", name),
                fmt::format("Near to it: {}. All of them: landauer synth --list", fmt::join(nearest(name), ", ")));
}

}  // namespace landauer
