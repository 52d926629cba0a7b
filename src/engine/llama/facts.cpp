#include "engine/llama/facts.h"

#include <string_view>

#include "llama.h"

namespace landauer {
namespace {

// "AVX2 AVX512 LLAMAFILE REPACK": the features that the CPU backend was built with and uses.
std::string features_of(ggml_backend_reg_t registry) {
    // The registry hands functions out as void*, so that this is the only way to call them.
    const auto get_features = reinterpret_cast<ggml_backend_get_features_t>(
        ggml_backend_reg_get_proc_address(registry, "ggml_backend_get_features"));
    std::string features;
    if (get_features == nullptr) return features;
    for (const auto* feature = get_features(registry); feature != nullptr && feature->name != nullptr; ++feature) {
        const std::string_view value = feature->value;
        if (value == "0") continue;
        if (!features.empty()) features += ' ';
        features += feature->name;
        if (value != "1") features += std::string("=") + feature->value;
    }
    return features;
}

}  // namespace

std::map<std::string, std::string> llama_facts() {
    std::map<std::string, std::string> facts;
    facts["engine"] = "llama.cpp";
    facts["llama_version"] = llama_version();
    facts["llama_commit"] = LANDAUER_LLAMA_COMMIT;
    facts["llama_build"] = LANDAUER_LLAMA_BUILD;
    facts["ggml_version"] = ggml_version();
    facts["ggml_commit"] = ggml_commit();
    if (auto* device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); device != nullptr) {
        facts["backend"] = ggml_backend_dev_name(device);
        facts["backend_features"] = features_of(ggml_backend_dev_backend_reg(device));
    }
    return facts;
}

}  // namespace landauer
