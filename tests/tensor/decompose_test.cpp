// Factorisations: by hand, by their properties over many seeds, and what they refuse.
#include "tensor/decompose.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <set>

#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::largest_difference;
using test::naive_product;
using test::random_matrix;
using test::random_moment;
using test::turned;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

MatrixD filled(std::size_t rows, std::size_t cols, std::initializer_list<double> values) {
    MatrixD out(rows, cols);
    std::copy(values.begin(), values.end(), out.values().begin());
    return out;
}

MatrixD with_diagonal(const MatrixD& u, const std::vector<double>& values) {
    MatrixD out = u;
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < out.cols(); ++j) out(i, j) *= values[j];
    }
    return out;
}

TEST(Cholesky, FactorsAMatrixByHand) {
    const auto l = cholesky(filled(3, 3, {4, 12, -16, 12, 37, -43, -16, -43, 98}));
    ASSERT_TRUE(l);
    EXPECT_LT(largest_difference(*l, filled(3, 3, {2, 0, 0, 6, 1, 0, -8, 5, 3})), 1e-12);
}

TEST(Cholesky, ReadsOnlyTheLowerTriangle) {
    const auto l = cholesky(filled(2, 2, {4, 99, 2, 5}));
    ASSERT_TRUE(l);
    EXPECT_LT(largest_difference(*l, filled(2, 2, {2, 0, 1, 2})), 1e-12);
}

TEST(Cholesky, GivesTheMatrixBack) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const std::size_t n = 1 + seed;
        const MatrixD a = random_moment(n, 2 * n + 5, seed);
        const auto l = cholesky(a);
        ASSERT_TRUE(l) << l.error().sentence;
        EXPECT_LT(largest_difference(naive_product(*l, turned(*l)), a), 1e-11) << seed;
    }
}

TEST(Cholesky, SaysWhereAMatrixStopsBeingPositive) {
    const auto l = cholesky(filled(3, 3, {1, 0, 0, 0, 1, 1, 0, 1, 1}));
    ASSERT_FALSE(l);
    EXPECT_EQ(l.error().kind, ErrorKind::Failed);
    EXPECT_THAT(l.error().sentence, testing::HasSubstr("first 3 rows"));
}

TEST(Triangular, SolvesBothWays) {
    const MatrixD lower = filled(2, 2, {2, 0, 1, 4});
    MatrixD x = filled(2, 2, {2, 4, 9, 10});
    solve_triangular(lower, Triangle::Lower, x);
    EXPECT_LT(largest_difference(x, filled(2, 2, {1, 2, 2, 2})), 1e-12);
    x = filled(2, 1, {4, 8});
    solve_triangular(lower, Triangle::LowerTransposed, x);
    EXPECT_LT(largest_difference(x, filled(2, 1, {1, 2})), 1e-12);
    MatrixD other(3, 1);
    EXPECT_THROW(solve_triangular(lower, Triangle::Lower, other), std::invalid_argument);
}

TEST(PositiveSystems, AreSolvedAndInverted) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::size_t n = 1 + 2 * seed;
        const MatrixD a = random_moment(n, 3 * n + 5, seed);
        const MatrixD b = random_matrix(n, 3, seed);
        const auto x = solve_positive(a, b);
        ASSERT_TRUE(x);
        EXPECT_LT(largest_difference(naive_product(a, *x), b), 1e-9);
        const auto inverse = invert_positive(a);
        ASSERT_TRUE(inverse);
        EXPECT_LT(largest_difference(naive_product(a, *inverse), identity(n)), 1e-9);
        EXPECT_EQ(largest_difference(*inverse, turned(*inverse)), 0.0);
    }
}

TEST(SymmetricEigen, ByHand) {
    const auto e = eigen_symmetric(filled(2, 2, {2, 1, 1, 2}));
    ASSERT_TRUE(e);
    EXPECT_NEAR(e->values[0], 3.0, 1e-12);
    EXPECT_NEAR(e->values[1], 1.0, 1e-12);
    EXPECT_NEAR(e->vectors(0, 0), e->vectors(1, 0), 1e-12);
    EXPECT_NEAR(e->vectors(0, 1), -e->vectors(1, 1), 1e-12);
}

TEST(SymmetricEigen, VectorsAreOrthonormalAndGiveTheMatrixBack) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::size_t n = 1 + 3 * seed;
        MatrixD a = random_matrix(n, n, seed);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < i; ++j) a(j, i) = a(i, j);
        }
        const auto e = eigen_symmetric(a);
        ASSERT_TRUE(e);
        EXPECT_TRUE(std::is_sorted(e->values.rbegin(), e->values.rend()));
        EXPECT_LT(largest_difference(naive_product(turned(e->vectors), e->vectors), identity(n)), 1e-12);
        EXPECT_LT(largest_difference(naive_product(with_diagonal(e->vectors, e->values), turned(e->vectors)), a),
                  1e-11);
    }
}

TEST(SingularValues, ByHand) {
    const auto s = singular_values(filled(2, 3, {3, 0, 0, 0, 0, -5}));
    ASSERT_TRUE(s);
    EXPECT_THAT(s->values, testing::ElementsAre(testing::DoubleNear(5, 1e-12), testing::DoubleNear(3, 1e-12)));
    EXPECT_NEAR(std::abs(s->u(1, 0)), 1.0, 1e-12);
    EXPECT_NEAR(std::abs(s->vt(0, 2)), 1.0, 1e-12);
    EXPECT_NEAR(std::abs(s->vt(1, 0)), 1.0, 1e-12);
}

TEST(SingularValues, OfWideAndTallMatricesGiveThemBack) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const std::size_t m = 1 + seed * 7 % 40;
        const std::size_t n = 1 + seed * 13 % 31;
        const std::size_t k = std::min(m, n);
        const MatrixD a = random_matrix(m, n, seed);
        const auto s = singular_values(a);
        ASSERT_TRUE(s);
        EXPECT_TRUE(std::is_sorted(s->values.rbegin(), s->values.rend()));
        EXPECT_LT(largest_difference(naive_product(turned(s->u), s->u), identity(k)), 1e-12);
        EXPECT_LT(largest_difference(naive_product(s->vt, turned(s->vt)), identity(k)), 1e-12);
        EXPECT_LT(largest_difference(naive_product(with_diagonal(s->u, s->values), s->vt), a), 1e-11);
    }
}

TEST(PivotRows, TakesTheLongestFirstAndThenWhatIsNewest) {
    // Row 2 is longest; row 0 lies along it, so that row 1 adds more.
    const auto rows = pivot_rows(filled(3, 2, {5, 0, 0, 1, 6, 0}), 2);
    ASSERT_TRUE(rows);
    EXPECT_THAT(*rows, testing::ElementsAre(2, 1));
}

TEST(PivotRows, SpanAMatrixOfTheirRank) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::size_t rank = 1 + seed % 6;
        const MatrixD left = random_matrix(25, rank, seed);
        const auto rows = pivot_rows(left, rank);
        ASSERT_TRUE(rows);
        EXPECT_EQ(std::set<std::size_t>(rows->begin(), rows->end()).size(), rank);
        MatrixD chosen(rank, rank);
        for (std::size_t i = 0; i < rank; ++i) {
            for (std::size_t j = 0; j < rank; ++j) chosen(i, j) = left((*rows)[i], j);
        }
        const auto s = singular_values(chosen);
        ASSERT_TRUE(s);
        EXPECT_GT(s->values.back(), 1e-3 * s->values.front());
    }
}

TEST(Decompositions, RefuseWhatIsNotANumber) {
    MatrixD bad = identity(3);
    bad(2, 1) = kNaN;
    bad(1, 2) = kNaN;
    const auto expect_invalid = [](const auto& result, const char* words) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(result.error().sentence, testing::HasSubstr(words));
        EXPECT_FALSE(result.error().remedy.empty());
    };
    expect_invalid(cholesky(bad), "row 1 and column 2");
    expect_invalid(invert_positive(bad), "row 1 and column 2");
    expect_invalid(solve_positive(bad, MatrixD(3, 1)), "row 1 and column 2");
    MatrixD right(3, 1);
    right(1, 0) = HUGE_VAL;
    expect_invalid(solve_positive(identity(3), right), "row 1 and column 0");
    expect_invalid(eigen_symmetric(bad), "row 1 and column 2");
    expect_invalid(singular_values(bad), "row 1 and column 2");
    expect_invalid(pivot_rows(bad, 1), "row 1 and column 2");
}

TEST(Decompositions, RefuseWrongShapes) {
    const auto expect_invalid = [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    };
    expect_invalid(cholesky(MatrixD(2, 3)));
    expect_invalid(cholesky(MatrixD()));
    expect_invalid(invert_positive(MatrixD(2, 3)));
    expect_invalid(solve_positive(identity(3), MatrixD(2, 1)));
    expect_invalid(eigen_symmetric(MatrixD(2, 3)));
    expect_invalid(singular_values(MatrixD()));
    expect_invalid(pivot_rows(MatrixD(2, 3), 3));
}

}  // namespace
}  // namespace landauer
