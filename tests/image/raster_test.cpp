#include "image/raster.h"

#include <gtest/gtest.h>

#include <cmath>

#include "image/scene/draws.h"
#include "image/scene/shapes.h"

namespace landauer {
namespace {

constexpr Colour kBlack{};

int value_at(const RgbImage& image, std::int32_t x, std::int32_t y) {
    return image.rgb[static_cast<std::size_t>((y * image.size.width + x) * 3)];
}

// What black took from a white picture, in pixels.
double area_of(const RgbImage& image) {
    double area = 0.0;
    for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
        area += (255.0 - image.rgb[i]) / 255.0;
    }
    return area;
}

RgbImage drawn(const Shape& shape, ImageSize size = {40, 30}) {
    Canvas canvas(size);
    canvas.fill(shape, kBlack);
    return canvas.take();
}

TEST(Raster, CoverageIsTheAreaOfEachPixel) {
    const RgbImage image = drawn({{{1.5, 1.25}, {3.25, 1.25}, {3.25, 2.5}, {1.5, 2.5}}});
    EXPECT_NEAR(value_at(image, 1, 1), 255 * (1 - 0.5 * 0.75), 1);
    EXPECT_NEAR(value_at(image, 2, 1), 255 * (1 - 0.75), 1);
    EXPECT_NEAR(value_at(image, 3, 1), 255 * (1 - 0.25 * 0.75), 1);
    EXPECT_NEAR(value_at(image, 2, 2), 255 * 0.5, 1);
    EXPECT_EQ(value_at(image, 4, 1), 255);
    EXPECT_EQ(value_at(image, 0, 1), 255);
}

TEST(Raster, SlantedEdgesToo) {
    const RgbImage image = drawn({{{0, 0}, {4, 0}, {0, 2}}});
    EXPECT_NEAR(value_at(image, 0, 0), 0, 1);
    EXPECT_NEAR(value_at(image, 2, 0), 255 * 0.25, 1);
    EXPECT_NEAR(value_at(image, 3, 0), 255 * 0.75, 1);
    EXPECT_NEAR(value_at(image, 0, 1), 255 * 0.25, 1);
}

double shoelace(const Contour& contour) {
    double twice = 0.0;
    for (std::size_t i = 0; i < contour.size(); ++i) {
        const Point a = contour[i];
        const Point b = contour[(i + 1) % contour.size()];
        twice += a.x * b.y - b.x * a.y;
    }
    return std::abs(twice) / 2;
}

TEST(Raster, TrianglesKeepTheirArea) {
    scene::Draws draws(7);
    for (int i = 0; i < 300; ++i) {
        Contour triangle;
        for (int k = 0; k < 3; ++k) {
            triangle.push_back({draws.uniform(0, 40), draws.uniform(0, 30)});
        }
        EXPECT_NEAR(area_of(drawn({triangle})), shoelace(triangle), 0.35);
    }
}

TEST(Raster, PartsOutsideAreCutAwayAndChangeNothingInside) {
    const Contour large{{-500, -300}, {900, -200}, {700, 800}, {-600, 600}};
    EXPECT_NEAR(area_of(drawn({large})), 40 * 30, 0.01);
    EXPECT_NEAR(area_of(drawn({{{-10, 10}, {20, 10}, {20, 20}, {-10, 20}}})), 200, 0.01);
    EXPECT_EQ(area_of(drawn({{{50, 5}, {60, 5}, {60, 9}}})), 0);
    EXPECT_EQ(area_of(drawn({{{5, -9}, {6, -9}, {6, -2}}})), 0);
}

TEST(Raster, ContoursOfOneSenseAreOneAreaAndTheOthersAreHoles) {
    const Contour square = scene::rectangle(5, 5, 15, 15);
    EXPECT_NEAR(area_of(drawn({square, scene::rectangle(10, 5, 20, 15)})), 150, 0.01);
    EXPECT_NEAR(area_of(drawn({square, scene::reversed(scene::rectangle(8, 8, 12, 12))})), 84, 0.01);
}

TEST(Raster, CirclesAreRound) {
    EXPECT_NEAR(area_of(drawn({scene::circle(20, 15, 10)})), 314.16, 1.5);
    for (int i = 0; i <= 64; ++i) {
        const Point p = scene::on_circle(i / 32.0 - 1);
        EXPECT_NEAR(p.x, std::cos(i / 32.0 * 2 * M_PI - 2 * M_PI), 1e-8);
        EXPECT_NEAR(p.y, std::sin(i / 32.0 * 2 * M_PI - 2 * M_PI), 1e-8);
    }
}

TEST(Raster, GradientsRunFromOneColourToTheOther) {
    Canvas canvas({101, 3});
    canvas.fill({scene::rectangle(0, 0, 101, 3)}, Gradient{{0.5, 0}, {100.5, 0}, hex(0x000000), hex(0xC8C8C8)});
    const RgbImage image = canvas.take();
    for (std::int32_t x = 0; x <= 100; ++x) {
        EXPECT_NEAR(value_at(image, x, 1), 2 * x, 1);
    }
}

}  // namespace
}  // namespace landauer
