// Numbers, times, units and titles, as fields of a recording hold them.
#include <cmath>

#include "fuzz/fuzz.h"
#include "meters/wire/csv_fields.h"
#include "meters/wire/time_text.h"
#include "meters/wire/units.h"

using namespace landauer::wire;
using landauer::fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = landauer::fuzz::text_of(data, size);
    if (const auto number = parse_number(text)) {
        must(std::isfinite(*number));
    }
    if (const auto time = parse_time(text)) {
        must(std::isfinite(time->value));
        must(time->form != TimeForm::of_day || (time->value >= 0.0 && time->value < 86461.0));
    }
    if (const auto quantity = parse_quantity(text)) {
        must(!std::isnan(quantity->value));
    }
    const ColumnTitle title = read_title(text);
    must(!title.scale || *title.scale > 0.0);
    const Fields fields(text, separator_of(text));
    must(fields.size() <= kMostFields);
    for (const std::string_view field : fields.all()) {
        must(field.empty() ||
             (field.data() >= text.data() && field.data() + field.size() <= text.data() + text.size()));
    }
    return 0;
}
