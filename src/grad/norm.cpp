#include "grad/norm.h"

#include <cmath>

#include "grad/loops.h"

namespace landauer {

void rms_norm(MatrixView<const float> in, std::span<const float> gain, double eps, std::span<float> inverse_rms,
              MatrixView<float> out) {
    for (std::size_t t = 0; t < in.rows; ++t) {
        const float* x = in.data + t * in.stride;
        float* y = out.data + t * out.stride;
        const double mean = static_cast<double>(dot(x, x, in.cols)) / static_cast<double>(in.cols);
        const auto inverse = static_cast<float>(1.0 / std::sqrt(mean + eps));
        inverse_rms[t] = inverse;
        for (std::size_t i = 0; i < in.cols; ++i) y[i] = x[i] * inverse * gain[i];
    }
}

void add_rms_norm_backward(MatrixView<const float> in, std::span<const float> gain, std::span<const float> inverse_rms,
                           MatrixView<const float> d_out, MatrixView<float> d_in) {
    std::vector<float> scaled(in.cols);
    for (std::size_t t = 0; t < in.rows; ++t) {
        const float* x = in.data + t * in.stride;
        const float* dy = d_out.data + t * d_out.stride;
        float* dx = d_in.data + t * d_in.stride;
        for (std::size_t i = 0; i < in.cols; ++i) scaled[i] = gain[i] * dy[i];
        const float inverse = inverse_rms[t];
        const float along = dot(scaled.data(), x, in.cols) * inverse * inverse / static_cast<float>(in.cols);
        for (std::size_t i = 0; i < in.cols; ++i) dx[i] += inverse * (scaled[i] - along * x[i]);
    }
}

}  // namespace landauer
