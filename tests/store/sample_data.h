// Made records stored and compared.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "made_data.h"
#include "store/store.h"

namespace landauer::test {

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().sentence << " / " << result.error().remedy;
        throw std::runtime_error(result.error().sentence);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

// One run with `n` trials in one session, stored; its id.
std::int64_t store_a_run(Store& store, const RunRecord& run, int n, std::uint64_t seed = 1,
                         const std::string& started_utc = "2026-01-01T00:00:00Z");

// Equal in everything but the ids that each store gives by itself.
void expect_same(const RunData& a, const RunData& b);
void expect_same(const Trace& a, const Trace& b);
bool same_bits(double a, double b);

void write_file(const std::filesystem::path& file, const std::string& content);
std::string read_file(const std::filesystem::path& file);

}  // namespace landauer::test
