// A stored trace as text, for playing it back: channels, then one sample a line.
//   channel METER NAME UNIT counter|gauge SCALE WRAP RAIL INDEX
//   T_NS METER NAME RAW
// Words are separated by blanks; lines that begin with # are comments.
#pragma once

#include <landauer/error.h>
#include <landauer/trace.h>

#include <string_view>

namespace landauer {

// Invalid, with the line's number, for anything else: a playback that left lines out would be another trace.
[[nodiscard]] Result<Trace> parse_trace_text(std::string_view text);

}  // namespace landauer
