// A recording: whatever is understood has times that increase and values that are numbers.
#include <cmath>

#include "fuzz/fuzz.h"
#include "meters/wire/power_csv.h"
#include "platform/text.h"

using namespace landauer;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto recording = wire::parse_power_csv(text);
    if (!recording) {
        must(!recording.error().sentence.empty() && !recording.error().remedy.empty());
    } else {
        must(recording->t_s.size() == recording->value.size() && recording->t_s.size() >= 2);
        must(recording->skipped_reasons.size() <= static_cast<std::size_t>(recording->n_skipped));
        for (std::size_t i = 0; i < recording->t_s.size(); ++i) {
            must(std::isfinite(recording->t_s[i]) && std::isfinite(recording->value[i]));
            must(i == 0 || recording->t_s[i] > recording->t_s[i - 1]);
        }
    }
    // The same, line by line, as a live meter reads it: no sample is both understood and refused.
    wire::PowerLines lines;
    for (std::string_view rest = text; !rest.empty();) {
        const auto sample = lines.read(next_line(rest));
        must(!sample || (lines.why().empty() && sample->is_energy == lines.is_energy()));
    }
    return 0;
}
