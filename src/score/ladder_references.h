// The text of data/ladder_references.jsonl, built into the program.
#pragma once

namespace landauer {

extern const char* const kLadderReferencesJsonl;

}  // namespace landauer
