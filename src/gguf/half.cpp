#include "gguf/half.h"

#include "ggml.h"

namespace landauer {

std::uint16_t half_bits(float value) { return ggml_fp32_to_fp16(value); }
float from_half(std::uint16_t bits) { return ggml_fp16_to_fp32(bits); }

}  // namespace landauer
