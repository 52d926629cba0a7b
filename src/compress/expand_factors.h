// A file of factors (docs/format.md) multiplied out: a dense file of equal function, which stock llama.cpp runs.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "gguf/weights.h"

namespace landauer {

struct Expanding {
    std::string type = "f16";  // of the products: "f16", "f32"
    bool replace = false;      // a file that is there
    std::function<bool()> abort;
    std::function<void(double)> done;  // the share, 0 to 1
};

// Each matrix at the place of its factors, all other tensors in their bytes, the metadata without what says that there
// are factors. One matrix's R is in memory at a time. Written whole or not at all; returns the file's bytes.
// Invalid: no file of factors, or a damaged one; a product that f16 cannot hold. Interrupted: `abort`. Errors as
// WeightFile::read(), check_target() and GgufWriter.
[[nodiscard]] Result<std::uint64_t> expand_factors(const WeightFile& source, const Expanding& how,
                                                   const std::filesystem::path& out);

}  // namespace landauer
