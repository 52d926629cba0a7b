#include "gguf/hf/json_file.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <system_error>

namespace landauer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{512} << 20U;

Result<std::string> read_file(const fs::path& file) {
    std::error_code problem;
    const auto bytes = fs::file_size(file, problem);
    if (!problem && bytes > kMostBytes) {
        return fail(ErrorKind::Invalid, fmt::format("{} has {} bytes.", file.string(), bytes),
                    "Check that it is the file that came with the model.");
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (problem || !stream || stream.bad()) {
        return fail(ErrorKind::Failed,
                    fmt::format("{} cannot be read{}.", file.string(), problem ? ": " + problem.message() : ""),
                    "Check its permissions.");
    }
    return text;
}

}  // namespace

Result<std::optional<std::string>> read_text_if_there(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::optional<std::string>();
    auto text = read_file(file);
    if (!text) return tl::unexpected(text.error());
    return std::optional(std::move(*text));
}

Result<json> read_json_object(const fs::path& file) {
    const auto text = read_text_if_there(file);
    if (!text) return tl::unexpected(text.error());
    const std::optional<std::string>& words = *text;
    if (!words) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has no {}.", file.parent_path().string(), file.filename().string()),
                    "Give the whole folder of a Hugging Face model: config.json, tokenizer.json, *.safetensors.");
    }
    auto parsed = json::parse(*words, nullptr, /*allow_exceptions=*/false);
    if (!parsed.is_object()) {
        return fail(ErrorKind::Invalid, fmt::format("{} is no JSON object.", file.string()),
                    "Download it again: it is damaged, or a Git LFS pointer.");
    }
    return parsed;
}

Result<json> read_json_object_if_there(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return json::object();
    return read_json_object(file);
}

const json& member(const json& object, const std::string& key) {
    static const json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(key);
    return found == object.end() ? kNull : *found;
}

const json& object_member(const json& object, const std::string& key) {
    static const json kNone = json::object();
    const json& value = member(object, key);
    return value.is_object() ? value : kNone;
}

const json& list_member(const json& object, const std::string& key) {
    static const json kNone = json::array();
    const json& value = member(object, key);
    return value.is_array() ? value : kNone;
}

std::optional<std::uint64_t> whole_number(const json& value) {
    if (!value.is_number_integer() || value < 0) return std::nullopt;
    return value.get<std::uint64_t>();
}

std::string text_member(const json& object, const std::string& key) {
    const json& value = member(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

bool flag_member(const json& object, const std::string& key, bool otherwise) {
    const json& value = member(object, key);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

std::int64_t JsonReader::count(const std::string& key, std::optional<std::int64_t> otherwise) {
    const json& value = member(object_, key);
    if (value.is_null() && otherwise) return *otherwise;
    const auto number = whole_number(value);
    if (number && *number >= 1 && *number <= std::numeric_limits<std::int32_t>::max()) {
        return static_cast<std::int64_t>(*number);
    }
    complain(key, "a whole number of at least 1");
    return 1;
}

double JsonReader::positive(const std::string& key, std::optional<double> otherwise) {
    const json& value = member(object_, key);
    if (value.is_null() && otherwise) return *otherwise;
    if (value.is_number()) {
        const auto number = value.get<double>();
        if (std::isfinite(number) && number > 0.0) return number;
    }
    complain(key, "a number above 0");
    return 1.0;
}

bool JsonReader::flag(const std::string& key, bool otherwise) {
    const json& value = member(object_, key);
    if (value.is_null()) return otherwise;
    if (value.is_boolean()) return value.get<bool>();
    complain(key, "true or false");
    return otherwise;
}

void JsonReader::complain(const std::string& key, const char* wanted) {
    if (!problem_.empty()) return;
    const json& value = member(object_, key);
    problem_ = value.is_null() ? fmt::format("{} does not say {}.", file_, key)
                               : fmt::format("{} of {} is not {}.", key, file_, wanted);
}

Result<void> JsonReader::good() const {
    if (problem_.empty()) return {};
    return fail(ErrorKind::Invalid, problem_, "Give the file that came with the model.");
}

}  // namespace landauer
