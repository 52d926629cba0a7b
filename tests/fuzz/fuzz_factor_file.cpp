// A file of factors: its header, its matrices, whose rows their pivots name, and the dense stream that libllama reads.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "gguf/dense_view.h"
#include "gguf/factor_format.h"
#include "gguf/weights.h"

using namespace landauer;
using fuzz::must;

namespace {

constexpr std::size_t kMostRead = std::size_t{1} << 20U;  // of the stream, whose matrices of zeros may be large

// A file without a disk under it.
class MemoryFile {
   public:
    MemoryFile() : number_(memfd_create("factors", 0)) { must(number_ >= 0); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    MemoryFile(MemoryFile&&) = delete;
    MemoryFile& operator=(MemoryFile&&) = delete;
    ~MemoryFile() { close(number_); }

    void put(const std::uint8_t* data, std::size_t size) const {
        must(ftruncate(number_, 0) == 0);
        must(pwrite(number_, data, size, 0) == static_cast<ssize_t>(size));
    }
    [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(number_); }

   private:
    int number_;
};

void must_say(const Error& error) { must(!error.sentence.empty() && !error.remedy.empty()); }

// All rows, each once.
void must_be_all(std::vector<std::int32_t> rows, std::size_t n) {
    must(rows.size() == n);
    std::sort(rows.begin(), rows.end());
    for (std::size_t i = 0; i < n; ++i) must(static_cast<std::size_t>(rows[i]) == i);
}

void read_matrix(const WeightFile& file, const FactorMatrix& matrix) {
    must(matrix.rank > 0 && matrix.rank < std::min(matrix.rows, matrix.cols));
    must(file.find(matrix.name) == nullptr);
    must(matrix.r.elements == matrix.rank * matrix.cols);
    must(matrix.t.elements == (matrix.rows - matrix.rank) * matrix.rank);
    const auto rows = factor_rows(file, matrix);
    if (!rows) return must_say(rows.error());
    must_be_all(*rows, matrix.rows);
}

void read_stream(std::FILE* stream, std::size_t step) {
    std::array<char, 97> piece{};
    std::size_t n_read = 0;
    while (n_read < kMostRead) {
        const std::size_t n = std::fread(piece.data(), 1, 1 + step % piece.size(), stream);
        if (n == 0) break;
        n_read += n;
    }
    must(std::fseek(stream, 0, SEEK_SET) == 0 && std::fread(piece.data(), 1, 4, stream) == 4);
    must(std::string_view(piece.data(), 4) == "GGUF");
    must(std::fseek(stream, 0, SEEK_END) == 0 && std::ftell(stream) >= 0);
    must(std::fread(piece.data(), 1, 1, stream) == 0);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const MemoryFile memory;
    memory.put(data, size);
    const auto file = WeightFile::open(memory.path());
    if (!file) {
        must_say(file.error());
        return 0;
    }
    const auto matrices = factor_matrices(file->summary());
    if (!matrices) {
        must_say(matrices.error());
        return 0;
    }
    for (const FactorMatrix& matrix : *matrices) read_matrix(*file, matrix);
    const auto stream = open_dense_view(file->summary(), *matrices);
    if (stream) {
        read_stream(stream->get(), size);
    } else {
        must_say(stream.error());
    }
    return 0;
}
