#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "core/utf8.h"
#include "plan/ladder.h"
#include "plan/plan.h"

namespace landauer {
namespace {

constexpr const char* kFormat =
    R"(Give one JSON object a line: {"id": "P1", "text": "...", "question": "..."}; "append" instead of "text" adds to the prompt before.)";

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

// One line of the file; `before` is the text that "append" continues.
Result<Prompt> parse_prompt(std::string_view line, std::string_view source, int number, const std::string& before) {
    const auto object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_object()) {
        return bad_line(source, number, "not a JSON object");
    }
    std::string problem;
    Prompt prompt{text_field(object, "id", problem), text_field(object, "text", problem),
                  text_field(object, "question", problem), text_field(object, "expected", problem)};
    const std::string append = text_field(object, "append", problem);
    if (!problem.empty()) {
        return bad_line(source, number, problem);
    }
    if (prompt.id.empty()) {
        return bad_line(source, number, "no \"id\"");
    }
    if (!append.empty()) {
        if (!prompt.text.empty()) {
            return bad_line(source, number, "both \"text\" and \"append\"");
        }
        prompt.text = before.empty() ? append : before + " " + append;
    }
    if (prompt.text.empty() && prompt.question.empty()) {
        return bad_line(source, number, fmt::format("prompt \"{}\" is empty", prompt.id));
    }
    return prompt;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

std::string Prompt::full_text() const {
    if (text.empty() || question.empty()) {
        return text + question;
    }
    return text + "\n\n" + question;
}

Result<std::vector<Prompt>> parse_prompts(std::string_view jsonl, std::string_view source) {
    if (!is_valid_utf8(jsonl)) {
        return fail(ErrorKind::Invalid, fmt::format("{} is not UTF-8 text.", source),
                    "Save it as UTF-8, for example with: iconv -f LATIN1 -t UTF-8 FILE");
    }
    std::vector<Prompt> prompts;
    std::set<std::string> ids;
    int number = 0;
    while (!jsonl.empty()) {
        const std::size_t end = std::min(jsonl.find('\n'), jsonl.size());
        const std::string_view line = jsonl.substr(0, end);
        jsonl.remove_prefix(std::min(end + 1, jsonl.size()));
        ++number;
        if (is_blank(line)) {
            continue;
        }
        auto prompt = parse_prompt(line, source, number, prompts.empty() ? std::string() : prompts.back().text);
        if (!prompt) {
            return tl::unexpected(prompt.error());
        }
        if (!ids.insert(prompt->id).second) {
            return bad_line(source, number, fmt::format("the id \"{}\" was used before", prompt->id));
        }
        prompts.push_back(std::move(*prompt));
    }
    if (prompts.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("{} holds no prompts.", source), kFormat);
    }
    return prompts;
}

Result<std::vector<Prompt>> read_prompts(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file)) {
        return fail(ErrorKind::Invalid, fmt::format("The prompts file {} cannot be read.", file.string()),
                    "Check the path and its permissions.");
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parse_prompts(text, file.string());
}

std::string to_jsonl(const std::vector<Prompt>& prompts) {
    std::string out;
    for (const Prompt& prompt : prompts) {
        nlohmann::ordered_json object = {{"id", prompt.id}, {"text", prompt.text}};
        if (!prompt.question.empty()) {
            object["question"] = prompt.question;
        }
        if (!prompt.expected.empty()) {
            object["expected"] = prompt.expected;
        }
        out += object.dump() + "\n";
    }
    return out;
}

const std::vector<Prompt>& builtin_ladder() {
    static const std::vector<Prompt> ladder = parse_prompts(kLadderJsonl, "the built-in ladder").value();
    return ladder;
}

}  // namespace landauer
