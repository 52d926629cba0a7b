#ifdef LANDAUER_FACTOR_DEVICE
#include "engine/llama/factors/factor_graph.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/llama/factors/factor_device.h"
#include "ggml-backend.h"
#include "ggml-impl.h"
#include "ggml.h"

namespace landauer {
namespace {

constexpr std::size_t kTensorsEach = 3;                     // R x, T R x and the rows in order
constexpr std::int64_t kFewValues = std::int64_t{1} << 15;  // put in order by one thread sooner than by several

// dst: W x, whose rows are those of R x (src[0]) and of T R x (src[1]). `pair`: FactorPair.
void put_in_order(ggml_tensor* dst, int worker, int n_workers, void* pair) {
    const std::vector<std::int32_t>& rows = static_cast<const FactorPair*>(pair)->rows;
    const auto rank = static_cast<std::size_t>(dst->src[0]->ne[0]);
    const std::size_t n_columns = static_cast<std::size_t>(ggml_nelements(dst)) / rows.size();
    const auto* inner = static_cast<const float*>(dst->src[0]->data);
    const auto* others = static_cast<const float*>(dst->src[1]->data);
    auto* into = static_cast<float*>(dst->data);
    for (auto column = static_cast<std::size_t>(worker); column < n_columns;
         column += static_cast<std::size_t>(n_workers)) {
        float* target = into + column * rows.size();
        const float* source = inner + column * rank;
        for (std::size_t row = 0; row < rank; ++row) target[rows[row]] = source[row];
        source = others + column * (rows.size() - rank);
        for (std::size_t row = rank; row < rows.size(); ++row) target[rows[row]] = source[row - rank];
    }
}

void place(ggml_tensor* node, void* data) {
    node->data = data;
    node->flags |= GGML_TENSOR_FLAG_COMPUTE;
}

}  // namespace

FactorGraph::~FactorGraph() { ggml_free(context_); }

void FactorGraph::reserve(std::size_t n_products, std::size_t n_floats) {
    ggml_free(context_);
    arena_.resize(std::max(arena_.size(), ggml_tensor_overhead() * (kTensorsEach * n_products + 1)));
    context_ = ggml_init({arena_.size(), arena_.data(), true});
    values_.resize(std::max(values_.size(), n_floats));
    token_products_ = std::vector<TokenProduct>(n_products);
    n_token_products_ = 0;
}

ggml_tensor* FactorGraph::add_custom(const ggml_tensor* like, std::span<ggml_tensor*> sources, ggml_custom_op_t work,
                                     int n_tasks, void* user) {
    ggml_tensor* made = ggml_custom_4d(context_, GGML_TYPE_F32, like->ne[0], like->ne[1], like->ne[2], like->ne[3],
                                       sources.data(), static_cast<int>(sources.size()), work, n_tasks, user);
    nodes_.push_back(made);
    return made;
}

void FactorGraph::add_chain(ggml_tensor* product, const FactorPair& factors) {
    ggml_tensor* inner = ggml_mul_mat(context_, factors.r, product->src[1]);
    place(inner, values_.data());
    ggml_tensor* others = ggml_mul_mat(context_, factors.t, inner);
    place(others, values_.data() + ggml_nelements(inner));
    nodes_.push_back(inner);
    nodes_.push_back(others);
    std::array<ggml_tensor*, 2> sources = {inner, others};
    const bool few = ggml_nelements(product) < kFewValues;
    place(add_custom(product, sources, put_in_order, few ? 1 : GGML_N_TASKS_MAX,
                     const_cast<FactorPair*>(&factors)),  // handed on as void*, and only read
          product->data);
}

void FactorGraph::add_token_chain(ggml_tensor* product, const FactorPair& factors) {
    TokenProduct& own = token_products_[n_token_products_++];
    own.factors = &factors;
    ggml_tensor* x = product->src[1];
    ggml_tensor* shape = ggml_new_tensor_1d(context_, GGML_TYPE_F32, factors.r->ne[1]);
    ggml_tensor* inner = add_custom(shape, std::span(&x, 1), inner_of_token, GGML_N_TASKS_MAX, &own);
    place(inner, values_.data());
    place(add_custom(product, std::span(&inner, 1), whole_of_token, GGML_N_TASKS_MAX, &own), product->data);
}

ggml_cgraph* FactorGraph::expand(ggml_cgraph* graph) {
    std::size_t n_products = 0;
    std::int64_t n_floats = 0;
    for (int i = 0; i < graph->n_nodes; ++i) {
        const ggml_tensor* node = graph->nodes[i];
        if (node->op != GGML_OP_MUL_MAT || factors_of(node->src[0]) == nullptr) continue;
        ++n_products;
        n_floats = std::max(n_floats, ggml_nelements(node));
    }
    if (n_products == 0) return graph;
    reserve(n_products, static_cast<std::size_t>(n_floats));
    nodes_.clear();
    for (int i = 0; i < graph->n_nodes; ++i) {
        ggml_tensor* node = graph->nodes[i];
        const FactorPair* factors = node->op == GGML_OP_MUL_MAT ? factors_of(node->src[0]) : nullptr;
        if (factors == nullptr) {
            nodes_.push_back(node);
        } else if (is_token_product(node, *factors)) {
            add_token_chain(node, *factors);
        } else {
            add_chain(node, *factors);
        }
    }
    // What else it knows of its tensors (how often each is used) stays true of the nodes that are left.
    graph_.resize(sizeof(ggml_cgraph));
    std::memcpy(graph_.data(), graph, sizeof(ggml_cgraph));
    auto* expanded = reinterpret_cast<ggml_cgraph*>(graph_.data());
    expanded->nodes = nodes_.data();
    expanded->n_nodes = static_cast<int>(nodes_.size());
    expanded->size = expanded->n_nodes;
    expanded->uid = 0;
    return expanded;
}

}  // namespace landauer
#endif
