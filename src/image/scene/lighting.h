// The hour and the weather: what they do to every colour.
#pragma once

#include <array>
#include <string_view>

#include "image/raster.h"

namespace landauer::scene {

struct Lighting {
    std::string_view time;     // "late afternoon"
    std::string_view weather;  // "in the rain"
    int clock_minutes = 0;     // since midnight, as the street clock shows it
    Colour sky_top;
    Colour sky_middle;
    Colour sky_horizon;
    Colour haze;   // what distance fades into
    Colour light;  // multiplied in; white: as painted
    Colour shadow_colour;
    double shadow = 0.3;    // of a cast shadow, 0 to 1
    double shadow_x = 0.8;  // metres that the shadow of a metre reaches to the right,
    double shadow_z = 0.3;  // and away
    double lamps = 0.0;     // windows and lamps that are on, 0 to 1
    bool rain = false;

    // A painted colour on a face of a brightness (1: turned to the sun), z metres away.
    [[nodiscard]] Colour seen(Colour colour, double brightness, double z) const;
};

[[nodiscard]] const std::array<Lighting, 5>& lighting_table();

}  // namespace landauer::scene
