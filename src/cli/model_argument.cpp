#include "cli/model_argument.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultQuant = "q4_k_m";

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool is_model_file(const fs::path& file) {
    const std::string name = lower(file.filename().string());
    const bool later_part = name.find("-of-") != std::string::npos && name.find("-00001-of-") == std::string::npos;
    return file.extension() == ".gguf" && !later_part && name.find("mmproj") == std::string::npos;
}

// Folders of one repository under a cache: the hub's own layout, and plain org/repo.
std::vector<fs::path> repository_folders(const fs::path& cache, const std::string& org, const std::string& repo) {
    return {cache / fmt::format("models--{}--{}", org, repo) / "snapshots", cache / org / repo};
}

std::vector<fs::path> model_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code problem;
    for (fs::recursive_directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
        if (is_model_file(it->path())) {
            files.push_back(it->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

// llama.cpp's flat cache: ORG_REPO_FILE.gguf beside each other.
std::vector<fs::path> flat_files(const fs::path& cache, const std::string& org, const std::string& repo) {
    std::vector<fs::path> files;
    const std::string prefix = lower(org + "_" + repo + "_");
    std::error_code problem;
    for (fs::directory_iterator it(cache, problem), end; !problem && it != end; it.increment(problem)) {
        if (is_model_file(it->path()) && lower(it->path().filename().string()).rfind(prefix, 0) == 0) {
            files.push_back(it->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

const fs::path* pick(const std::vector<fs::path>& files, const std::string& quant) {
    const std::string wanted = quant.empty() ? kDefaultQuant : lower(quant);
    for (const fs::path& file : files) {
        if (lower(file.filename().string()).find(wanted) != std::string::npos) {
            return &file;
        }
    }
    return quant.empty() && !files.empty() ? &files.front() : nullptr;
}

}  // namespace

std::vector<fs::path> model_caches(const Getenv& getenv) {
    std::vector<fs::path> caches;
    const auto add = [&](const std::string& base, const char* below) {
        if (!base.empty()) {
            caches.push_back(fs::path(base) / below);
        }
    };
    const std::string home = getenv("HOME");
    add(getenv("LLAMA_CACHE"), "");
    add(getenv("HF_HUB_CACHE"), "");
    add(getenv("HUGGINGFACE_HUB_CACHE"), "");
    add(getenv("HF_HOME"), "hub");
    add(getenv("XDG_CACHE_HOME"), "huggingface/hub");
    add(home, ".cache/huggingface/hub");
    add(getenv("XDG_CACHE_HOME"), "llama.cpp");
    add(home, ".cache/llama.cpp");
    add(home, ".lmstudio/models");
    return caches;
}

Result<fs::path> find_hf_model(const std::string& name, const Getenv& getenv) {
    const std::size_t slash = name.find('/');
    const std::size_t colon = name.find(':');
    if (slash == std::string::npos || slash == 0 || slash + 1 >= std::min(colon, name.size())) {
        return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a model repository.", name),
                    "Write it as -hf ORG/REPO or -hf ORG/REPO:QUANT.");
    }
    const std::string org = name.substr(0, slash);
    const std::string repo = name.substr(slash + 1, colon == std::string::npos ? colon : colon - slash - 1);
    const std::string quant = colon == std::string::npos ? std::string() : name.substr(colon + 1);
    std::string looked;
    for (const fs::path& cache : model_caches(getenv)) {
        std::vector<fs::path> files = flat_files(cache, org, repo);
        for (const fs::path& folder : repository_folders(cache, org, repo)) {
            const std::vector<fs::path> more = model_files(folder);
            files.insert(files.end(), more.begin(), more.end());
        }
        if (const fs::path* const found = pick(files, quant)) {
            return *found;
        }
        looked += fmt::format("{}{}", looked.empty() ? "" : ", ", cache.string());
    }
    return fail(
        ErrorKind::Absent, fmt::format("No cache on this machine holds {} (looked in {}).", name, looked),
        fmt::format("landauer downloads nothing: fetch it first, for example with: hf download {}/{}", org, repo));
}

std::vector<std::string> split_commas(const std::vector<std::string>& given) {
    std::vector<std::string> parts;
    for (const std::string& text : given) {
        std::size_t begin = 0;
        while (begin <= text.size()) {
            const std::size_t end = std::min(text.find(',', begin), text.size());
            if (end > begin) {
                parts.push_back(text.substr(begin, end - begin));
            }
            begin = end + 1;
        }
    }
    return parts;
}

}  // namespace landauer
