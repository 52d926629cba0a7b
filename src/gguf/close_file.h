// Closes a file that goes out of sight.
#pragma once

#include <cstdio>

namespace landauer {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace landauer
