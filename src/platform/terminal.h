// What a program may assume about where its output goes.
#pragma once

namespace landauer {

enum class Stream { out, err };

[[nodiscard]] bool is_terminal(Stream stream);
// Columns of the terminal behind the stream; `otherwise` when it is none.
[[nodiscard]] int terminal_width(Stream stream, int otherwise);
// Terminal, and neither NO_COLOR nor TERM=dumb says otherwise.
[[nodiscard]] bool wants_colour(Stream stream);

}  // namespace landauer
