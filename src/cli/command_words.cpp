#include "cli/command_words.h"

#include <array>

namespace landauer {

std::string quoted_command_line(int argc, const char* const* argv) {
    std::string line;
    for (int i = 0; i < argc; ++i) {
        const std::string word = i == 0 ? "landauer" : argv[i];
        const bool plain = !word.empty() && word.find_first_not_of(
                                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "0123456789_-./=,:+@%") == std::string::npos;
        line += i == 0 ? "" : " ";
        if (plain) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) {
            line += c == '\'' ? std::string("'\\''") : std::string(1, c);
        }
        line += '\'';
    }
    return line;
}

std::string long_form(std::string_view word) {
    constexpr std::array<std::string_view, 8> kFlags = {"-pg", "-ub", "-fa", "-ctk", "-ctv", "-lm", "-hf", "-mm"};
    for (const std::string_view flag : kFlags) {
        if (word == flag || word.substr(0, flag.size() + 1) == std::string(flag) + "=") {
            return "-" + std::string(word);
        }
    }
    return std::string(word);
}

}  // namespace landauer
