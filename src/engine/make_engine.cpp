#include <utility>

#include "engine/engine.h"
#include "engine/llama/vocabulary.h"

namespace landauer {

bool is_fake_model(const std::filesystem::path& model) { return model.filename().string().ends_with(".fake.json"); }

Result<std::unique_ptr<Engine>> make_engine(const std::filesystem::path& model) {
    if (!is_fake_model(model)) return make_llama_engine();
    auto fake = read_fake_model(model);
    if (!fake) return tl::unexpected(fake.error());
    return make_fake_engine(std::move(*fake));
}

Result<std::unique_ptr<Engine>> open_vocabulary(const std::filesystem::path& model) {
    if (is_fake_model(model)) return make_engine(model);
    return open_llama_vocabulary(model);
}

}  // namespace landauer
