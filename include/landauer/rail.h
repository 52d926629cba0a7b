// What an energy channel's joules cover, and how far they can be trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace landauer {

// From wide to narrow. Containment is meter_graph.h's business.
enum class RailKind : std::uint8_t {
    none,      // not an energy channel
    wall,      // everything, at the socket, losses of the power supply included
    battery,   // everything behind the battery
    dc_input,  // everything behind the power supply: a USB-C input, a barrel jack
    board,     // the whole board or module, as its own meter sees it
    psys,      // the platform, as Intel counts it
    package,   // one processor package
    core,      // its cores
    uncore,    // its graphics and the rest
    dram,      // the memory beside one package
    device,    // a graphics card or another device with a meter of its own
    part,      // a rail of the board whose place among the others nobody states
};
[[nodiscard]] std::string_view name(RailKind kind);
[[nodiscard]] bool rail_kind_from_name(std::string_view text, RailKind& kind);

// measured: by an instrument in the current's way. calibrated: an instrument's reading through a
// published or fitted formula. modelled: no instrument at all.
enum class Provenance : std::uint8_t { measured, calibrated, modelled };
[[nodiscard]] std::string_view name(Provenance provenance);
[[nodiscard]] bool provenance_from_name(std::string_view text, Provenance& provenance);

struct Rail {
    RailKind kind = RailKind::none;
    int index = 0;  // rails of one kind and different indices lie side by side: sockets, dies, batteries
    Provenance provenance = Provenance::measured;
    double accuracy = 0.0;       // half of the 95 % interval of the instrument's gain, as a fraction; 0: not stated
    double period_s = 0.0;       // how often the source publishes; 0: anew at every read
    double averaging_s = 0.0;    // gauges: a value is the mean over this long before it was published
    double clock_error_s = 0.0;  // half of the 95 % interval of its time stamps, where another clock made them
    friend bool operator==(const Rail&, const Rail&) = default;
};

}  // namespace landauer
