// A file of factors as the stream of a dense one: where two factors stand for a matrix there is a matrix of that
// shape, of zeros that lie nowhere.
#pragma once

#include <landauer/error.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "gguf/factor_format.h"
#include "gguf/summary.h"

namespace landauer {

struct CloseStream {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using Stream = std::unique_ptr<std::FILE, CloseStream>;

// Reads and seeks; the metadata are the file's. Failed: the file cannot be read. Absent: a system without streams of a
// program's own (fopencookie).
[[nodiscard]] Result<Stream> open_dense_view(const GgufSummary& file, const std::vector<FactorMatrix>& matrices);

}  // namespace landauer
