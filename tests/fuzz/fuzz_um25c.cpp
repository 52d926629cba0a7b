// Packets of the UM24C, UM25C and UM34C.
#include "fuzz/fuzz.h"
#include "meters/wire/um25c.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto reading = landauer::parse_um25c({data, size});
    landauer::fuzz::must(!reading || landauer::is_plausible(*reading));
    return 0;
}
