#include "image/scene/lighting.h"

#include <algorithm>

namespace landauer::scene {

Colour Lighting::seen(Colour colour, double brightness, double z) const {
    Colour result = colour;
    if (!colour.glows) {
        // A face in the shade is lit by the sky: cooler, not only darker.
        const double shade = std::clamp(1.0 - brightness, 0.0, 1.0);
        result.r = std::min(255.0, colour.r * light.r / 255 * (brightness - 0.10 * shade));
        result.g = std::min(255.0, colour.g * light.g / 255 * brightness);
        result.b = std::min(255.0, colour.b * light.b / 255 * (brightness + 0.22 * shade));
    }
    const double far = std::clamp((z - 26) / 190, 0.0, 0.72);
    Colour faded = mix(result, haze, colour.glows ? far / 2 : far);
    faded.alpha = colour.alpha;
    return faded;
}

const std::array<Lighting, 5>& lighting_table() {
    static const std::array<Lighting, 5> table{
        Lighting{"late afternoon", "under light clouds", 17 * 60 + 20, hex(0x4C93CF), hex(0xA9D3E6), hex(0xFCE3BC),
                 hex(0xF3DCC0), hex(0xFFF6E6), hex(0x2B2A55), 0.34, 1.05, 0.42, 0.12, false},
        Lighting{"morning", "under a clear sky", 8 * 60 + 45, hex(0x3F97DC), hex(0x9FD0EE), hex(0xDDF0F7),
                 hex(0xD5E6EE), hex(0xFDFBF2), hex(0x22335C), 0.30, 0.85, 0.45, 0.05, false},
        Lighting{"midday", "under scattered clouds", 12 * 60 + 10, hex(0x2F84D3), hex(0x93C6EC), hex(0xCDE8F5),
                 hex(0xCFE0EA), hex(0xFFFFFF), hex(0x243050), 0.32, 0.40, 0.22, 0.0, false},
        Lighting{"afternoon", "in the rain", 15 * 60 + 35, hex(0x7D8FA0), hex(0xA3AFBA), hex(0xC9D2D6), hex(0xBCC7CD),
                 hex(0xD3DAE3), hex(0x252D3D), 0.0, 0.4, 0.2, 0.35, true},
        Lighting{"evening", "under a clear sky", 20 * 60 + 5, hex(0x2B3A74), hex(0x8E6A97), hex(0xF2A378),
                 hex(0xB98A8C), hex(0xA3A0C4), hex(0x15183A), 0.22, 1.3, 0.5, 0.75, false}};
    return table;
}

}  // namespace landauer::scene
