#include "grad/rotation.h"

#include <cmath>
#include <complex>

namespace landauer {
namespace {

// One head: pairs `apart` from each other, `step` between one pair and the next.
template <std::size_t step>
void rotate_head(float* x, const float* angles, std::size_t n_pairs, std::size_t apart, float sign) {
    for (std::size_t i = 0; i < n_pairs; ++i) {
        const float cosine = angles[2 * i];
        const float sine = sign * angles[2 * i + 1];
        const float a = x[i * step];
        const float b = x[i * step + apart];
        x[i * step] = a * cosine - b * sine;
        x[i * step + apart] = a * sine + b * cosine;
    }
}

}  // namespace

MatrixF rotation_table(const DecoderShape& shape, std::size_t n_positions) {
    const std::size_t n_pairs = shape.rope_dims / 2;
    MatrixF table(n_positions, shape.rope_dims);
    for (std::size_t i = 0; i < n_pairs; ++i) {
        const double exponent = -2.0 * static_cast<double>(i) / static_cast<double>(shape.rope_dims);
        double step = std::pow(shape.rope_base, exponent) * shape.rope_scale;
        if (!shape.rope_factors.empty()) step /= static_cast<double>(shape.rope_factors[i]);
        const std::complex<double> turn = std::polar(1.0, step);
        std::complex<double> angle(1.0, 0.0);
        for (std::size_t t = 0; t < n_positions; ++t, angle *= turn) {
            table(t, 2 * i) = static_cast<float>(angle.real());
            table(t, 2 * i + 1) = static_cast<float>(angle.imag());
        }
    }
    return table;
}

void rotate(const DecoderShape& shape, const MatrixF& table, Rotation direction, MatrixView<float> rows) {
    const float sign = direction == Rotation::Forward ? 1.0F : -1.0F;
    const std::size_t n_pairs = shape.rope_dims / 2;
    for (std::size_t t = 0; t < rows.rows; ++t) {
        const float* angles = table.row(t).data();
        for (std::size_t head = 0; head < rows.cols; head += shape.head_dim) {
            float* x = rows.data + t * rows.stride + head;
            if (shape.rope_halves) {
                rotate_head<1>(x, angles, n_pairs, n_pairs, sign);
            } else {
                rotate_head<2>(x, angles, n_pairs, 1, sign);
            }
        }
    }
}

}  // namespace landauer
