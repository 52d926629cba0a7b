#include "gguf/hf/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "gguf/hf/json_file.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kWhole = "model.safetensors";
constexpr const char* kAgain = "Download the folder again, with all its files.";

std::vector<fs::path> weight_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code problem;
    for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
        if (it->path().extension() == ".safetensors") files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// Which file has which tensor. Invalid: the index is damaged, or leads out of the folder.
Result<std::map<std::string, std::string>> read_index(const fs::path& file) {
    const auto index = read_json_object(file);
    if (!index) return tl::unexpected(index.error());
    std::map<std::string, std::string> map;
    for (const auto& [name, where] : object_member(*index, "weight_map").items()) {
        const std::string part = where.is_string() ? where.get<std::string>() : std::string();
        if (part.empty() || fs::path(part).filename() != part) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} has \"{}\" where a file's name should be.", file.string(), part), kAgain);
        }
        map[name] = part;
    }
    if (!map.empty()) return map;
    return fail(ErrorKind::Invalid, fmt::format("{} has no weight_map.", file.string()), kAgain);
}

tl::unexpected<Error> no_weights(const fs::path& folder) {
    std::error_code ignored;
    const bool has_pickles = fs::exists(folder / "pytorch_model.bin", ignored) ||
                             fs::exists(folder / "pytorch_model.bin.index.json", ignored);
    return fail(
        ErrorKind::Invalid,
        fmt::format("{} has no safetensors files{}.", folder.string(),
                    has_pickles ? ", only PyTorch checkpoints, which may run any program when they are read" : ""),
        has_pickles ? "Download the model's safetensors, or save it again with safe_serialization=True."
                    : "Give the folder of a Hugging Face model: config.json, tokenizer.json, *.safetensors.");
}

}  // namespace

bool is_hf_folder(const fs::path& folder) {
    std::error_code ignored;
    return fs::is_directory(folder, ignored) && fs::exists(folder / "config.json", ignored);
}

Result<HfWeights> HfWeights::open(const fs::path& folder) {
    std::error_code ignored;
    std::map<std::string, std::string> index;
    std::vector<fs::path> files;
    if (fs::exists(folder / kIndex, ignored)) {
        auto read = read_index(folder / kIndex);
        if (!read) return tl::unexpected(read.error());
        index = std::move(*read);
        std::set<std::string> parts;
        for (const auto& [name, part] : index) parts.insert(part);
        for (const std::string& part : parts) {
            if (!fs::exists(folder / part, ignored)) {
                return fail(ErrorKind::Invalid,
                            fmt::format("{} lacks {}, which its index names.", folder.string(), part), kAgain);
            }
            files.push_back(folder / part);
        }
    } else if (fs::exists(folder / kWhole, ignored)) {
        files.push_back(folder / kWhole);
    } else {
        files = weight_files(folder);
    }
    if (files.empty()) return no_weights(folder);
    HfWeights weights;
    for (const fs::path& path : files) {
        auto file = SafetensorsFile::open(path);
        if (!file) return tl::unexpected(file.error());
        for (std::size_t i = 0; i < file->tensors().size(); ++i) {
            const std::string& name = file->tensors()[i].name;
            if (!weights.places_.emplace(name, Place{weights.files_.size(), i}).second) {
                return fail(ErrorKind::Invalid, fmt::format("{} is in two files of {}.", name, folder.string()),
                            "Keep the files of one model only.");
            }
        }
        weights.files_.push_back(std::move(*file));
    }
    for (const auto& [name, part] : index) {
        const auto found = weights.places_.find(name);
        if (found == weights.places_.end() || weights.files_[found->second.file].path().filename() != part) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} does not hold {}, which its index puts there.", (folder / part).string(), name),
                        kAgain);
        }
    }
    return weights;
}

const SafeTensor* HfWeights::find(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &files_[found->second.file].tensors()[found->second.tensor];
}

std::vector<std::string> HfWeights::names() const {
    std::vector<std::string> names;
    names.reserve(places_.size());
    for (const auto& [name, place] : places_) names.push_back(name);
    return names;
}

Result<void> HfWeights::read(const std::string& name, std::uint64_t first, std::span<std::byte> into) const {
    const auto found = places_.find(name);
    if (found == places_.end()) {
        return fail(ErrorKind::Bug, fmt::format("{} was read, which is not there.", name), "Ask find() first.");
    }
    const SafetensorsFile& file = files_[found->second.file];
    return file.read(file.tensors()[found->second.tensor], first, into);
}

}  // namespace landauer
