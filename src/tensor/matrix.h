// A dense matrix, row-major, that any room may hold: no foreign header behind it.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace landauer {

template <class T>
class Matrix {
   public:
    Matrix() = default;
    Matrix(std::size_t rows, std::size_t cols) : rows_(rows), cols_(cols), data_(rows * cols) {}

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t cols() const { return cols_; }
    [[nodiscard]] bool empty() const { return data_.empty(); }
    [[nodiscard]] T& operator()(std::size_t i, std::size_t j) { return data_[i * cols_ + j]; }
    [[nodiscard]] const T& operator()(std::size_t i, std::size_t j) const { return data_[i * cols_ + j]; }
    [[nodiscard]] std::span<T> row(std::size_t i) { return std::span<T>(data_).subspan(i * cols_, cols_); }
    [[nodiscard]] std::span<const T> row(std::size_t i) const {
        return std::span<const T>(data_).subspan(i * cols_, cols_);
    }
    [[nodiscard]] std::span<T> values() { return data_; }
    [[nodiscard]] std::span<const T> values() const { return data_; }

   private:
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
    std::vector<T> data_;
};

using MatrixF = Matrix<float>;
using MatrixD = Matrix<double>;

// Rows that lie `stride` apart: a matrix, or some of its neighbouring columns (a head's).
template <class T>
struct MatrixView {
    T* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t stride = 0;

    MatrixView() = default;
    MatrixView(T* first, std::size_t n_rows, std::size_t n_cols, std::size_t distance)
        : data(first), rows(n_rows), cols(n_cols), stride(distance) {}
    template <class U>
        requires std::convertible_to<U*, T*>
    MatrixView(Matrix<U>& whole)  // NOLINT(google-explicit-constructor): a matrix is its own view
        : data(whole.values().data()), rows(whole.rows()), cols(whole.cols()), stride(whole.cols()) {}
    template <class U>
        requires std::convertible_to<const U*, T*>
    MatrixView(const Matrix<U>& whole)  // NOLINT(google-explicit-constructor)
        : data(whole.values().data()), rows(whole.rows()), cols(whole.cols()), stride(whole.cols()) {}
    template <class U>
        requires std::convertible_to<U*, T*>
    MatrixView(const MatrixView<U>& other)  // NOLINT(google-explicit-constructor)
        : data(other.data), rows(other.rows), cols(other.cols), stride(other.stride) {}

    [[nodiscard]] T& operator()(std::size_t i, std::size_t j) const { return data[i * stride + j]; }
    [[nodiscard]] MatrixView part(std::size_t row, std::size_t col, std::size_t n_rows, std::size_t n_cols) const {
        return {data + row * stride + col, n_rows, n_cols, stride};
    }
};

}  // namespace landauer
