#include "cli/texts.h"

#include <fmt/format.h>

#include "platform/files.h"

namespace landauer {
namespace {

constexpr std::size_t kMostTextBytes = std::size_t{256} << 20U;

}  // namespace

Result<std::string> read_texts(const std::vector<std::filesystem::path>& files) {
    std::string all;
    for (const auto& file : files) {
        auto text = read_text(file, kMostTextBytes);
        if (!text) return fail(ErrorKind::Invalid, text.error().sentence, text.error().remedy);
        if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
            return fail(ErrorKind::Invalid, fmt::format("{} holds no text.", file.string()),
                        "Give a text of some thousand words, or leave --text out.");
        }
        all += *text + "\n";
    }
    return all;
}

}  // namespace landauer
