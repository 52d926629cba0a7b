// The beginning of a file that may be a picture; its first byte says how much longer the file claims to be.
#include "fuzz/fuzz.h"
#include "image/header.h"

using namespace landauer;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::span<const std::uint8_t> bytes(data + 1, size - 1);
    const PictureHeader header = read_header(bytes, bytes.size() + std::uint64_t{data[0]} * 1024);
    using State = PictureHeader::State;
    must(header.state == State::Unknown || !header.format.empty());
    must((header.state != State::Damaged && header.state != State::Foreign) || !header.problem.empty());
    must(header.state != State::Whole || (header.stored.width >= 0 && header.stored.height >= 0));
    return 0;
}
