// The JSON files of a Hugging Face folder, read with care: what is missing or of another kind is said by name.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace landauer {

// Invalid: missing, no JSON object, or of more than 512 MiB. Failed: cannot be read.
[[nodiscard]] Result<nlohmann::json> read_json_object(const std::filesystem::path& file);
// The same; an empty object when there is no such file.
[[nodiscard]] Result<nlohmann::json> read_json_object_if_there(const std::filesystem::path& file);
// A file's text; nothing: there is none.
[[nodiscard]] Result<std::optional<std::string>> read_text_if_there(const std::filesystem::path& file);

// The member, or null when it is not there or `object` is no object.
[[nodiscard]] const nlohmann::json& member(const nlohmann::json& object, const std::string& key);
// The member, or an empty object or list when it is none.
[[nodiscard]] const nlohmann::json& object_member(const nlohmann::json& object, const std::string& key);
[[nodiscard]] const nlohmann::json& list_member(const nlohmann::json& object, const std::string& key);
// A whole number of at least 0; nothing: something else.
[[nodiscard]] std::optional<std::uint64_t> whole_number(const nlohmann::json& value);
// The member's text; empty when it is none.
[[nodiscard]] std::string text_member(const nlohmann::json& object, const std::string& key);
[[nodiscard]] bool flag_member(const nlohmann::json& object, const std::string& key, bool otherwise);

// Reads values of an object and remembers the first that is missing or of the wrong kind.
class JsonReader {
   public:
    JsonReader(const nlohmann::json& object, std::string file) : object_(object), file_(std::move(file)) {}

    // A whole number of 1 to 2^31 - 1. Without `otherwise` it must be there; null counts as absent.
    std::int64_t count(const std::string& key, std::optional<std::int64_t> otherwise = std::nullopt);
    // A finite number above 0.
    double positive(const std::string& key, std::optional<double> otherwise = std::nullopt);
    bool flag(const std::string& key, bool otherwise);

    [[nodiscard]] Result<void> good() const;

   private:
    void complain(const std::string& key, const char* wanted);

    const nlohmann::json& object_;
    std::string file_;
    std::string problem_;
};

}  // namespace landauer
