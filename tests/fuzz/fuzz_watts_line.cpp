// A line of a user's program: watts that a socket can give, or nothing.
#include <cmath>

#include "fuzz/fuzz.h"
#include "meters/wire/watts_line.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto microwatts = landauer::parse_watts_line(landauer::fuzz::text_of(data, size));
    landauer::fuzz::must(!microwatts || (*microwatts >= 0 && *microwatts <= 1'000'000'000'000));
    return 0;
}
