#include "grad/loops.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "tensor/wide_loops.h"

namespace landauer {
namespace {

// Sums that run side by side, so that vectors need no leave to reorder them.
constexpr std::size_t kLanes = 16;
using Lanes = std::array<float, kLanes>;

LANDAUER_LOOP float sum_of(Lanes lanes) {
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
        for (std::size_t j = 0; j < half; ++j) lanes[j] += lanes[j + half];
    }
    return lanes[0];
}

// e^x for x from -87 to 88; held to that range.
LANDAUER_LOOP float fast_exp(float x) {
    constexpr float kLog2E = 1.44269504F;
    constexpr float kLn2High = 0.693359375F;  // few bits: times an integer it is exact
    constexpr float kLn2Low = -2.12194440e-4F;
    constexpr float kRound = 12582912.0F;  // 1.5 x 2^23: adding it leaves the integer in the lowest bits
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    const float shifted = x * kLog2E + kRound;
    const float n = shifted - kRound;
    const float r = (x - n * kLn2High) - n * kLn2Low;
    float p = 1.0F / 5040.0F;  // the series, whose next term is below 6e-9 for |r| <= ln(2) / 2
    p = p * r + 1.0F / 720.0F;
    p = p * r + 1.0F / 120.0F;
    p = p * r + 1.0F / 24.0F;
    p = p * r + 1.0F / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + (std::bit_cast<std::uint32_t>(shifted) << 23U));
}

LANDAUER_LOOP float dot_loop(const float* a, const float* b, std::size_t n) {
    Lanes lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        for (std::size_t j = 0; j < kLanes; ++j) lanes[j] += a[i + j] * b[i + j];
    }
    float sum = sum_of(lanes);
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

LANDAUER_LOOP float largest_loop(const float* x, std::size_t n) {
    Lanes lanes{};
    for (float& lane : lanes) lane = x[0];
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        for (std::size_t j = 0; j < kLanes; ++j) lanes[j] = lanes[j] > x[i + j] ? lanes[j] : x[i + j];
    }
    float most = *std::max_element(lanes.begin(), lanes.end());
    for (; i < n; ++i) most = std::max(most, x[i]);
    return most;
}

LANDAUER_LOOP float exp_loop(float* x, std::size_t n, float shift) {
    Lanes lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        for (std::size_t j = 0; j < kLanes; ++j) {
            x[i + j] = fast_exp(x[i + j] - shift);
            lanes[j] += x[i + j];
        }
    }
    float sum = sum_of(lanes);
    for (; i < n; ++i) {
        x[i] = fast_exp(x[i] - shift);
        sum += x[i];
    }
    return sum;
}

LANDAUER_LOOP void scale_loop(float* x, std::size_t n, float factor) {
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor;
}

LANDAUER_LOOP void softmax_backward_loop(const float* p, float* d, std::size_t n) {
    const float mean = dot_loop(p, d, n);
    for (std::size_t i = 0; i < n; ++i) d[i] = p[i] * (d[i] - mean);
}

LANDAUER_LOOP void gate_loop(const float* gate, const float* up, float* hidden, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) hidden[i] = gate[i] / (1.0F + fast_exp(-gate[i])) * up[i];
}

LANDAUER_LOOP void gate_backward_loop(const float* gate, const float* up, const float* d, float* d_gate, float* d_up,
                                      std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const float sigmoid = 1.0F / (1.0F + fast_exp(-gate[i]));
        const float d_hidden = d[i];
        d_up[i] = d_hidden * gate[i] * sigmoid;
        d_gate[i] = d_hidden * up[i] * sigmoid * (1.0F + gate[i] * (1.0F - sigmoid));
    }
}

LANDAUER_LOOP double divergence_loop(float* teacher, float* student, std::size_t n) {
    const float top_teacher = largest_loop(teacher, n);
    const float top_student = largest_loop(student, n);
    Lanes apart{};
    Lanes sum_teacher{};
    Lanes sum_student{};
    for (std::size_t first = 0; first < n; first += kLanes) {
        const std::size_t last = std::min(kLanes, n - first);
        for (std::size_t j = 0; j < last; ++j) {
            const float t = teacher[first + j] - top_teacher;
            const float s = student[first + j] - top_student;
            const float p = fast_exp(t);
            const float q = fast_exp(s);
            apart[j] += p * (t - s);
            sum_teacher[j] += p;
            sum_student[j] += q;
            teacher[first + j] = p;
            student[first + j] = q;
        }
    }
    const float total_teacher = sum_of(sum_teacher);
    const float total_student = sum_of(sum_student);
    for (std::size_t i = 0; i < n; ++i) student[i] = student[i] / total_student - teacher[i] / total_teacher;
    return static_cast<double>(sum_of(apart)) / static_cast<double>(total_teacher) +
           std::log(static_cast<double>(total_student)) - std::log(static_cast<double>(total_teacher));
}

template <auto Loop, class... Args>
LANDAUER_WIDE auto wide(Args... args) {
    return Loop(args...);
}

template <auto Loop, class... Args>
auto run(Args... args) {
    static const bool kIsWide = LANDAUER_HAS_WIDE;
    return kIsWide ? wide<Loop>(args...) : Loop(args...);
}

}  // namespace

float dot(const float* a, const float* b, std::size_t n) { return run<dot_loop>(a, b, n); }
float largest(const float* x, std::size_t n) { return run<largest_loop>(x, n); }
float exp_row(float* x, std::size_t n, float shift) { return run<exp_loop>(x, n, shift); }
void scale_row(float* x, std::size_t n, float factor) { run<scale_loop>(x, n, factor); }
void softmax_backward_row(const float* p, float* d, std::size_t n) { run<softmax_backward_loop>(p, d, n); }
void gate_row(const float* gate, const float* up, float* hidden, std::size_t n) { run<gate_loop>(gate, up, hidden, n); }
void gate_backward_row(const float* gate, const float* up, const float* d, float* d_gate, float* d_up, std::size_t n) {
    run<gate_backward_loop>(gate, up, d, d_gate, d_up, n);
}
double divergence_row(float* teacher, float* student, std::size_t n) {
    return run<divergence_loop>(teacher, student, n);
}

}  // namespace landauer
