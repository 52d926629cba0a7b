// A graph in which each product with a factorised matrix is the chain of its factors.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/llama/factors/factor_token.h"
#include "engine/llama/factors/factor_weights.h"
#include "ggml.h"

namespace landauer {

// The factors that a matrix stands for; nullptr: it is no factorised one.
[[nodiscard]] const FactorPair* factors_of(const ggml_tensor* matrix);

class FactorGraph {
   public:
    FactorGraph() = default;
    ~FactorGraph();
    FactorGraph(const FactorGraph&) = delete;
    FactorGraph& operator=(const FactorGraph&) = delete;

    // `graph` itself where nothing in it is factorised; else one that is good until the next call.
    [[nodiscard]] ggml_cgraph* expand(ggml_cgraph* graph);

   private:
    void add_chain(ggml_tensor* product, const FactorPair& factors);
    void add_token_chain(ggml_tensor* product, const FactorPair& factors);
    ggml_tensor* add_custom(const ggml_tensor* like, std::span<ggml_tensor*> sources, ggml_custom_op_t work,
                            int n_tasks, void* user);
    void reserve(std::size_t n_products, std::size_t n_floats);

    ggml_context* context_ = nullptr;
    std::vector<std::byte> arena_;  // of the context
    std::vector<float> values_;     // R x and T R x of the product at hand
    std::vector<TokenProduct> token_products_;
    std::size_t n_token_products_ = 0;
    std::vector<ggml_tensor*> nodes_;  // of the graph
    std::vector<std::byte> graph_;     // a ggml_cgraph
};

}  // namespace landauer
