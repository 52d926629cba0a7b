// The factors of a file, ready to be multiplied with: in the file's own pages, or repacked as the CPU likes them.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ggml.h"
#include "gguf/factor_format.h"

namespace landauer {

// What stands for a matrix W of rows x cols: [R x ; T R x], whose row i is row rows[i] of W x.
struct FactorPair {
    ggml_tensor* r = nullptr;
    ggml_tensor* t = nullptr;
    std::vector<std::int32_t> rows;
};

class FactorWeights {
   public:
    // Errors as factor_rows() and MappedFile::open(). Invalid: a type that cannot be multiplied with.
    [[nodiscard]] static Result<std::shared_ptr<FactorWeights>> open(const GgufSummary& file,
                                                                     const std::vector<FactorMatrix>& matrices,
                                                                     bool repack);
    ~FactorWeights();
    FactorWeights(const FactorWeights&) = delete;
    FactorWeights& operator=(const FactorWeights&) = delete;

    [[nodiscard]] const FactorPair* find(const std::string& matrix) const;  // nullptr: it is whole

   private:
    FactorWeights();
    Result<ggml_tensor*> add(const GgufTensor& tensor, bool repack);

    struct State;
    std::unique_ptr<State> state_;
    std::unordered_map<std::string, FactorPair> pairs_;
};

}  // namespace landauer
