// A base, a rough copy of it in a quantised type, and lessons to heal it by.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>
#include <vector>

#include "compress/heal/student.h"
#include "compress/heal/teacher.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer::healing {

using landauer::testing::TempFolder;
using landauer::testing::TinyModel;

// Rows fit blocks of 32.
inline TinyModel fitting(TinyModel model) {
    model.n_embd = 64;
    model.head_dim = 32;  // any number of heads is whole blocks
    for (auto& n_ff : model.n_ff) n_ff = 96;
    if (model.n_ff.size() > 2) model.n_ff[1] = 64;
    return model;
}

inline std::vector<TokenWindow> some_windows(std::size_t n, std::size_t n_tokens, unsigned seed = 5) {
    std::mt19937 random(seed);
    std::vector<TokenWindow> windows(n);
    for (auto& window : windows) {
        for (std::size_t t = 0; t < n_tokens; ++t) window.push_back(static_cast<Token>(random() % 97));
    }
    return windows;
}

struct Class {
    std::vector<TokenWindow> windows;
    Teacher teacher;

    [[nodiscard]] Lesson lesson() const {
        Lesson all;
        for (std::size_t w = 0; w < windows.size(); ++w) {
            all.windows.push_back(&windows[w]);
            all.streams.push_back(&teacher.streams[w]);
        }
        return all;
    }
};

inline Class class_of(const std::filesystem::path& base, std::size_t n_windows, std::size_t n_tokens) {
    Class out;
    out.windows = some_windows(n_windows, n_tokens);
    const auto file = WeightFile::open(base);
    EXPECT_TRUE(file) << file.error().sentence;
    auto teacher = teach(*file, out.windows, {}, {}, 2, {}, {});
    EXPECT_TRUE(teacher) << teacher.error().sentence;
    out.teacher = std::move(*teacher);
    return out;
}

// The same random weights, floats in the base and `type` in the other.
inline void write_pair(TinyModel model, const std::string& type, const std::filesystem::path& base,
                       const std::filesystem::path& small) {
    model = fitting(std::move(model));
    write_tiny(model, base);
    model.weight_type = type;
    write_tiny(model, small);
}

inline Student student_of(const std::filesystem::path& model, Trained trained = Trained::Scales,
                          std::size_t n_threads = 1, std::uint64_t tape_bytes = 1U << 30U) {
    auto student = Student::open(model, {trained, n_threads, tape_bytes});
    EXPECT_TRUE(student) << student.error().sentence;
    return std::move(*student);
}

// Every value of every parameter moved by its own random part of the parameter's mean size.
inline void disturb(std::vector<Parameter>& parameters, double by, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> draw(0.0, by);
    for (Parameter& parameter : parameters) {
        for (float& value : parameter.values.values()) value *= static_cast<float>(1.0 + draw(random));
    }
}

}  // namespace landauer::healing
