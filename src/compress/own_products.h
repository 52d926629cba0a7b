// Threads that each multiply for themselves.
#pragma once

#include <cstddef>

#include "tensor/products.h"

namespace landauer {

// BLAS does no threading of its own while work is shared between threads: results do not hang on how it splits.
class OwnProducts {
   public:
    explicit OwnProducts(std::size_t n_threads) : n_threads_(n_threads) { set_product_threads(1); }
    OwnProducts(const OwnProducts&) = delete;
    OwnProducts& operator=(const OwnProducts&) = delete;
    OwnProducts(OwnProducts&&) = delete;
    OwnProducts& operator=(OwnProducts&&) = delete;
    ~OwnProducts() { set_product_threads(static_cast<int>(n_threads_)); }

   private:
    std::size_t n_threads_;  // that products may use afterwards
};

}  // namespace landauer
