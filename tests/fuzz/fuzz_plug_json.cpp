// What a smart plug, or whoever took its address, may answer.
#include "fuzz/fuzz.h"
#include "meters/wire/plug_json.h"

using namespace landauer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const auto& reading : {parse_shelly_rpc(text), parse_shelly_status(text), parse_tasmota(text)}) {
        fuzz::must(!reading || reading->milliwatts >= 0);
        fuzz::must(!reading || !reading->energy_mwh || *reading->energy_mwh >= 0);
    }
    return 0;
}
