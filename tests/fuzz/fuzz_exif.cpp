// A TIFF block that says which way is up, and the turn it asks for.
#include "fuzz/fuzz.h"
#include "image/exif.h"

using namespace landauer;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Orientation orientation = exif_orientation({data, size});
    must(orientation >= Orientation::Upright && orientation <= Orientation::ThreeQuarterTurn);
    RgbImage stored{{3, 2}, {}};
    for (std::uint8_t i = 0; i < 18; ++i) {
        stored.rgb.push_back(i);
    }
    const RgbImage upright = turn_upright(stored, orientation);
    must(upright.size.pixels() == 6 && upright.rgb.size() == 18);
    must((upright.size.width == 2) == swaps_sides(orientation));
    return 0;
}
