// The arguments of `estimate`, `external` and `command`.
#include "fuzz/fuzz.h"
#include "meters/rail_argument.h"
#include "meters/wire/board_power.h"

using landauer::fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = landauer::fuzz::text_of(data, size);
    if (const auto board = landauer::board_power_from(text)) {
        must(board->idle_w >= 0.0 && board->load_w > board->idle_w && board->accuracy > 0.0);
    }
    if (const auto board = landauer::board_power_of_model(text)) {
        must(board->load_w > board->idle_w);
    }
    const landauer::RailArgument argument = landauer::rail_argument_from(text);
    must(argument.kind != landauer::RailKind::none && argument.rest.size() <= text.size());
    return 0;
}
