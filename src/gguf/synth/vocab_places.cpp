#include "gguf/synth/vocab_places.h"

#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

namespace landauer {
namespace {

namespace fs = std::filesystem;

// share/landauer/vocab of the prefix that the running program was installed to.
fs::path installed_folder() {
    std::error_code problem;
    const fs::path program = fs::read_symlink("/proc/self/exe", problem);
    return problem ? fs::path() : program.parent_path().parent_path() / "share" / "landauer" / "vocab";
}

std::vector<fs::path> folders() {
    std::vector<fs::path> folders;
    if (const char* named = std::getenv("LANDAUER_VOCAB_DIR"); named != nullptr && *named != '\0') {
        folders.emplace_back(named);
    }
    if (const fs::path installed = installed_folder(); !installed.empty()) folders.push_back(installed);
    if (constexpr std::string_view kBuiltWith = LANDAUER_VOCAB_SOURCE; !kBuiltWith.empty()) {
        folders.emplace_back(kBuiltWith);
    }
    return folders;
}

}  // namespace

std::optional<std::filesystem::path> find_vocabulary(const std::string& name) {
    for (const fs::path& folder : folders()) {
        fs::path file = folder / ("ggml-vocab-" + name + ".gguf");
        std::error_code problem;
        if (fs::is_regular_file(file, problem)) return file;
    }
    return std::nullopt;
}

}  // namespace landauer
