#include "score/make_references.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/clock.h"
#include "core/utf8.h"
#include "platform/sha256.h"
#include "score/references.h"

namespace landauer {
namespace {

tl::unexpected<Error> not_written(const std::filesystem::path& file) {
    return fail(ErrorKind::Failed, fmt::format("The reference answers cannot be written to {}.", file.string()),
                "Check the folder's permissions and free space, or name another file with --out.");
}

// What the file holds; a last line without its end that is no JSON is what a kill left, and is cut off.
Result<std::vector<Reference>> found_in(const std::filesystem::path& file) {
    std::error_code unused;
    if (!std::filesystem::exists(file, unused)) {
        return std::vector<Reference>{};
    }
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file, unused)) {
        return not_written(file);
    }
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t end = text.find_last_of('\n');
    const std::size_t whole = end == std::string::npos ? 0 : end + 1;
    if (whole < text.size() && !nlohmann::json::accept(text.substr(whole))) {
        text.resize(whole);
        std::filesystem::resize_file(file, whole, unused);
        if (unused) {
            return not_written(file);
        }
    }
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return std::vector<Reference>{};
    }
    return parse_references(text, file.string()).map([](References&& references) { return std::move(references.all); });
}

const Reference* find(const std::vector<Reference>& references, const std::string& prompt_id,
                      const std::string& source) {
    for (const Reference& reference : references) {
        if (reference.prompt_id == prompt_id && reference.source == source) {
            return &reference;
        }
    }
    return nullptr;
}

bool says(const Reference& reference, const char* key, std::string_view value) {
    const auto found = reference.settings.find(key);
    return found != reference.settings.end() && found->second == value;
}

bool ends_without_newline(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in || in.tellg() == std::ifstream::pos_type(0)) {
        return false;
    }
    in.seekg(-1, std::ios::end);
    return in.get() != '\n';
}

Result<void> append(const std::filesystem::path& file, const Reference& reference) {
    const std::string line = (ends_without_newline(file) ? "\n" : "") + to_jsonl(std::vector<Reference>{reference});
    std::ofstream out(file, std::ios::binary | std::ios::app);
    out << line << std::flush;
    return out ? Result<void>() : not_written(file);
}

Reference reference_of(const Prompt& prompt, const AnswerSource& source, const MadeAnswer& made) {
    Reference reference{prompt.id, to_valid_utf8(made.text), source.name(), utc_now(), made.settings};
    reference.settings["question_sha256"] = sha256_text(prompt.full_text());
    if (made.is_cut_off) {
        reference.settings["stop"] = "length";
    }
    return reference;
}

Result<void> check_question(const Reference& found, const Prompt& prompt, const std::filesystem::path& file) {
    const std::string asked = sha256_text(prompt.full_text());
    if (!found.settings.contains("question_sha256") || says(found, "question_sha256", asked)) {
        return {};
    }
    return fail(ErrorKind::Invalid,
                fmt::format("{} holds {}'s answer to another question of the id \"{}\".", file.string(), found.source,
                            prompt.id),
                "Name another file with --out for these questions.");
}

}  // namespace

Result<void> make_references(std::span<const Prompt> prompts, AnswerSource& source, const std::filesystem::path& out,
                             const std::function<bool()>& abort, const MakeProgress& progress, MakeReport& report) {
    const auto found = found_in(out);
    if (!found) {
        return tl::unexpected(found.error());
    }
    int done = 0;
    for (const Prompt& prompt : prompts) {
        if (const Reference* const old = find(*found, prompt.id, source.name()); old != nullptr) {
            if (auto same = check_question(*old, prompt, out); !same) {
                return same;
            }
            ++report.n_found;
            if (says(*old, "stop", "length")) {
                report.cut_off.push_back(prompt.id);
            }
            ++done;
            continue;
        }
        if (progress) {
            progress(done, static_cast<int>(prompts.size()), prompt.id);
        }
        const auto made = source.ask(prompt, abort);
        if (!made) {
            return tl::unexpected(made.error());
        }
        if (auto kept = append(out, reference_of(prompt, source, *made)); !kept) {
            return kept;
        }
        ++report.n_made;
        report.n_prompt += made->n_prompt;
        report.n_gen += made->n_gen;
        if (made->is_cut_off) {
            report.cut_off.push_back(prompt.id);
        }
        ++done;
    }
    return {};
}

}  // namespace landauer
