// The text of data/ladder.jsonl, built into the program.
#pragma once

namespace landauer {

extern const char* const kLadderJsonl;

}  // namespace landauer
