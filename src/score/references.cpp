#include "score/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/utf8.h"
#include "platform/sha256.h"
#include "platform/text.h"
#include "score/ladder_references.h"

namespace landauer {
namespace {

constexpr const char* kFormat =
    R"(Give one JSON object a line: {"id": "P1", "answer": "...", "source": "who answered"}; "created_utc" and "settings" may follow.)";

tl::unexpected<Error> bad_line(std::string_view source, int line, const std::string& what) {
    return fail(ErrorKind::Invalid, fmt::format("{}, line {}: {}.", source, line, what), kFormat);
}

// The string under `key`, empty if absent; what is wrong with it goes to `problem`.
std::string text_field(const nlohmann::json& object, const char* key, std::string& problem) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return {};
    }
    if (!found->is_string()) {
        problem = fmt::format("\"{}\" is not a string", key);
        return {};
    }
    return found->get<std::string>();
}

// Numbers and truth values are kept as their text.
std::map<std::string, std::string> settings_field(const nlohmann::json& object, std::string& problem) {
    std::map<std::string, std::string> settings;
    const auto found = object.find("settings");
    if (found == object.end()) {
        return settings;
    }
    if (!found->is_object()) {
        problem = "\"settings\" is not an object";
        return settings;
    }
    for (const auto& [key, value] : found->items()) {
        if (value.is_structured()) {
            problem = fmt::format("the setting \"{}\" is neither text nor a number", key);
        } else {
            settings[key] = value.is_string() ? value.get<std::string>() : value.dump();
        }
    }
    return settings;
}

Result<Reference> parse_reference(std::string_view line, std::string_view source, int number) {
    const auto object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_object()) {
        return bad_line(source, number, "not a JSON object");
    }
    std::string problem;
    Reference reference;
    reference.prompt_id = text_field(object, "id", problem);
    reference.answer = text_field(object, "answer", problem);
    reference.source = text_field(object, "source", problem);
    reference.created_utc = text_field(object, "created_utc", problem);
    reference.settings = settings_field(object, problem);
    if (problem.empty() && reference.prompt_id.empty()) {
        problem = "no \"id\"";
    }
    if (problem.empty() && trim(reference.answer).empty()) {
        problem = fmt::format("no \"answer\" to \"{}\"", reference.prompt_id);
    }
    return problem.empty() ? Result<Reference>(std::move(reference)) : bad_line(source, number, problem);
}

std::string day_of(const std::string& utc) { return utc.substr(0, utc.find('T')); }

std::string range_words(const std::set<std::string>& days) {
    if (days.empty()) {
        return {};
    }
    return *days.begin() == *days.rbegin() ? fmt::format(", {}", *days.begin())
                                           : fmt::format(", {} to {}", *days.begin(), *days.rbegin());
}

std::string hash_of(const std::vector<Reference>& all) {
    std::set<std::pair<std::string, std::string>> sorted;
    for (const Reference& reference : all) {
        sorted.emplace(reference.prompt_id, reference.answer);
    }
    return sha256_text(nlohmann::json(sorted).dump());
}

}  // namespace

std::vector<const Reference*> References::of(std::string_view prompt_id) const {
    std::vector<const Reference*> found;
    for (const Reference& reference : all) {
        if (reference.prompt_id == prompt_id) {
            found.push_back(&reference);
        }
    }
    return found;
}

std::string References::words() const {
    if (all.empty()) {
        return "no reference answers";
    }
    std::set<std::string> sources;
    std::set<std::string> days;
    for (const Reference& reference : all) {
        sources.insert(reference.source.empty() ? "unnamed" : reference.source);
        if (!reference.created_utc.empty()) {
            days.insert(day_of(reference.created_utc));
        }
    }
    return fmt::format("{} {} by {}{}", all.size(), all.size() == 1 ? "answer" : "answers", fmt::join(sources, ", "),
                       range_words(days));
}

References references_from(std::vector<Reference> all) {
    References references{std::move(all), {}};
    references.sha256 = hash_of(references.all);
    return references;
}

Result<References> parse_references(std::string_view jsonl, std::string_view source) {
    if (!is_valid_utf8(jsonl)) {
        return fail(ErrorKind::Invalid, fmt::format("{} is not UTF-8 text.", source),
                    "Save it as UTF-8, for example with: iconv -f LATIN1 -t UTF-8 FILE");
    }
    std::vector<Reference> all;
    std::map<std::pair<std::string, std::string>, int> lines;  // where each answer was first
    for (int number = 1; !jsonl.empty(); ++number) {
        const std::string_view line = next_line(jsonl);
        if (trim(line).empty()) {
            continue;
        }
        auto reference = parse_reference(line, source, number);
        if (!reference) {
            return tl::unexpected(reference.error());
        }
        const auto [first, is_new] = lines.emplace(std::pair(reference->prompt_id, reference->answer), number);
        if (!is_new) {
            return bad_line(
                source, number,
                fmt::format("the same answer to \"{}\" as in line {}", reference->prompt_id, first->second));
        }
        all.push_back(std::move(*reference));
    }
    if (all.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("{} holds no reference answers.", source), kFormat);
    }
    return references_from(std::move(all));
}

Result<References> read_references(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::error_code unused;
    if (!in || std::filesystem::is_directory(file, unused)) {
        return fail(ErrorKind::Invalid, fmt::format("The references file {} cannot be read.", file.string()),
                    "Check the path and its permissions, or make one: landauer score --make-references --help");
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parse_references(text, file.string());
}

std::string to_jsonl(const std::vector<Reference>& references) {
    std::string out;
    for (const Reference& reference : references) {
        nlohmann::ordered_json object = {{"id", reference.prompt_id}, {"answer", reference.answer}};
        if (!reference.source.empty()) {
            object["source"] = reference.source;
        }
        if (!reference.created_utc.empty()) {
            object["created_utc"] = reference.created_utc;
        }
        if (!reference.settings.empty()) {
            object["settings"] = reference.settings;
        }
        out += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    return out;
}

Result<References> builtin_references() {
    return parse_references(kLadderReferencesJsonl, "the built-in reference answers");
}

}  // namespace landauer
