// The packets of tests/fixtures/wire: hexadecimal text with comments, or an answer as it was sent.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace landauer::testing {

inline std::string wire_text(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/wire/" + name, std::ios::binary);
    EXPECT_TRUE(file.good()) << name;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

inline std::vector<std::uint8_t> wire_bytes(const std::string& name) {
    std::vector<std::uint8_t> bytes;
    std::istringstream lines(wire_text(name));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        for (std::string word; words >> word;) {
            bytes.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
        }
    }
    return bytes;
}

}  // namespace landauer::testing
