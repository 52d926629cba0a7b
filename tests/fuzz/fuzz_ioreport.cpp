// Records of Apple's energy counters: a rail is a sum of all its parts or nothing.
#include "fuzz/fuzz.h"
#include "meters/apple_ioreport.h"

using namespace landauer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto records = parse_ioreport_text(fuzz::text_of(data, size));
    for (const auto& energy_nj : sum_rails(records)) {
        fuzz::must(!energy_nj || *energy_nj >= 0);
    }
    (void)make_apple_meter([&records] { return records; });
    return 0;
}
