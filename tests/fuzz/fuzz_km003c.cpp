// Packets of the KM003C; the first byte is the transaction that was asked for.
#include "fuzz/fuzz.h"
#include "meters/wire/km003c.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto reading = landauer::parse_km003c({data + 1, size - 1}, data[0]);
    landauer::fuzz::must(!reading || landauer::is_plausible(*reading));
    return 0;
}
