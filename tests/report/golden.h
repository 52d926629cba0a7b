// Text held against a file that a person has read; LANDAUER_APPROVE writes the file anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace landauer::test {

inline void hold_golden(const std::filesystem::path& file, const std::string& text) {
    if (std::getenv("LANDAUER_APPROVE") != nullptr) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return;
    }
    std::ifstream in(file, std::ios::binary);
    ASSERT_TRUE(in) << file << " is missing; tools/approve_goldens.sh makes it.";
    const std::string approved{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text, approved) << "Differs from " << file;
}

}  // namespace landauer::test
