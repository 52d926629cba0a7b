// A ggml device that multiplies by factors with the CPU's own kernels: everything else it hands on to the CPU as it is.
#pragma once

#include <memory>

#include "engine/llama/factors/factor_weights.h"
#include "ggml-backend.h"

namespace landauer {

// Tensors of the names that `weights` has factors of go there, and hold no data; others are refused. Lives as long as
// what is allocated in it.
class FactorBuffers {
   public:
    [[nodiscard]] static std::shared_ptr<FactorBuffers> create(std::shared_ptr<FactorWeights> weights);
    virtual ~FactorBuffers() = default;
    FactorBuffers(const FactorBuffers&) = delete;
    FactorBuffers& operator=(const FactorBuffers&) = delete;

    [[nodiscard]] virtual ggml_backend_buffer_type_t type() = 0;

   protected:
    FactorBuffers() = default;
};

// For llama_model_params::devices, with all layers on it: where libllama takes it for what layers are computed by, it
// leaves flash attention on. It is not registered, so that no other model's graph ever comes here.
[[nodiscard]] ggml_backend_dev_t factor_device();

}  // namespace landauer
