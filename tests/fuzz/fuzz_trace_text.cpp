// A stored trace: channels once each, times that increase.
#include "fuzz/fuzz.h"
#include "meters/wire/trace_text.h"

using landauer::fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto trace = landauer::parse_trace_text(landauer::fuzz::text_of(data, size));
    if (!trace) {
        must(!trace.error().sentence.empty() && !trace.error().remedy.empty());
        return 0;
    }
    must(!trace->series.empty());
    for (const landauer::Series& series : trace->series) {
        must(series.t_ns.size() == series.raw.size() && series.channel.scale > 0.0);
        for (std::size_t i = 1; i < series.t_ns.size(); ++i) {
            must(series.t_ns[i] > series.t_ns[i - 1]);
        }
    }
    return 0;
}
