#include "cli/score_embedder.h"

#include <cstdlib>
#include <utility>

#include "cli/command.h"
#include "platform/files.h"
#include "platform/sha256.h"
#include "platform/signals.h"

namespace landauer {

std::filesystem::path default_embedder(const Getenv& getenv) {
    if (const std::string named = getenv("LANDAUER_EMBEDDER"); !named.empty()) {
        return named;
    }
    const std::string cache = getenv("XDG_CACHE_HOME");
    const std::filesystem::path folder =
        (cache.empty() ? std::filesystem::path(getenv("HOME")) / ".cache" : std::filesystem::path(cache)) / "landauer" /
        "models";
    for (const std::string& name : list_folder(folder)) {
        if (name.starts_with("all-MiniLM-L6-v2") && name.ends_with(".gguf")) {
            return folder / name;
        }
    }
    return {};
}

Result<FoundEmbedder> find_embedder(const std::filesystem::path& named, int n_threads) {
    const auto environment = [](const std::string& name) {
        const char* const value = std::getenv(name.c_str());
        return std::string(value == nullptr ? "" : value);
    };
    const std::filesystem::path file = named.empty() ? default_embedder(environment) : named;
    if (file.empty()) {
        talk(
            "There is no sentence embedder here, so similarity is left out.\n"
            "          Name one with --embedder FILE.gguf or LANDAUER_EMBEDDER; tools/models.sh minilm fetches one.\n");
        return FoundEmbedder{};
    }
    EmbedderSettings settings;
    settings.model = file;
    settings.n_threads = n_threads;
    auto embedder = open_embedder(settings);
    if (!embedder) {
        return tl::unexpected(embedder.error());
    }
    auto hash = sha256_file(file, &interrupt_requested);
    if (!hash) {
        return tl::unexpected(hash.error());
    }
    return FoundEmbedder{std::move(*embedder), std::move(*hash)};
}

}  // namespace landauer
