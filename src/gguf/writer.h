// Writes a GGUF file of any size in bounded memory. It appears under its name whole or not at all.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gguf/header.h"

namespace landauer {

class GgufWriter {
   public:
    // Writes the header to FILE.part, which becomes FILE at the end.
    // Invalid: FILE exists and may not be replaced, is a folder, or its folder is missing.
    // Denied: the folder may not be written. Failed: FILE.part is already there, or the disk is full.
    [[nodiscard]] static Result<GgufWriter> create(const std::filesystem::path& file, const GgufHeader& header,
                                                   bool replace);

    GgufWriter(GgufWriter&& other) noexcept;
    GgufWriter& operator=(GgufWriter&& other) noexcept;
    GgufWriter(const GgufWriter&) = delete;
    GgufWriter& operator=(const GgufWriter&) = delete;
    ~GgufWriter();  // without finish(): FILE.part goes, FILE is as it was

    // The next bytes of `tensor`, in pieces of any size. Tensors come in the order in which the header
    // has them; what stands between them is filled in. Failed: the disk is full. Bug: not this tensor's
    // turn, or more bytes than it has.
    [[nodiscard]] Result<void> write(const std::string& tensor, std::span<const std::byte> piece);

    // Moves the file to its name. Bug: data is missing.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] std::uint64_t bytes_written() const;

   private:
    struct State;
    explicit GgufWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// What would keep a file of `bytes` from being written to `file`, asked before any work is done.
// Errors as create(), and Failed: too little free space there (needed and free are said).
[[nodiscard]] Result<void> check_target(const std::filesystem::path& file, std::uint64_t bytes, bool replace);

}  // namespace landauer
