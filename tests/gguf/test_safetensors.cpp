#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "gguf/safetensors.h"
#include "gguf_testing.h"
#include "hf_testing.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using testing::HfTensor;
using testing::json;
using testing::safetensors_file;
using testing::safetensors_of;
using testing::TempFolder;

json entry(const char* type, std::vector<std::int64_t> shape, std::uint64_t begin, std::uint64_t end) {
    return {{"dtype", type}, {"shape", shape}, {"data_offsets", {begin, end}}};
}

std::string problem_of(const std::string& header, std::uint64_t data_bytes) {
    const auto read = read_safetensors_header(header, data_bytes);
    return read ? "" : read.error();
}

Error open_error(const std::filesystem::path& file) {
    const auto opened = SafetensorsFile::open(file);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
}

TEST(Safetensors, TensorsAreFoundAndReadInAnyPiece) {
    const TempFolder folder;
    const std::map<std::string, HfTensor> tensors = {{"b", {"BF16", {2, 3}, "abcdefghijkl"}},
                                                     {"a", {"F32", {2}, "01234567"}},
                                                     {"one", {"U8", {}, "x"}},
                                                     {"none", {"F32", {0, 4}, ""}}};
    const auto file = SafetensorsFile::open(folder.write("m.safetensors", safetensors_of(tensors)));
    ASSERT_TRUE(file) << file.error().sentence;
    ASSERT_EQ(file->tensors().size(), 4U);
    for (const SafeTensor& tensor : file->tensors()) {
        const HfTensor& wanted = tensors.at(tensor.name);
        EXPECT_EQ(tensor.type, wanted.type);
        EXPECT_EQ(tensor.shape, wanted.shape);
        for (std::size_t first = 0; first <= wanted.data.size(); ++first) {
            std::string piece(wanted.data.size() - first, '?');
            ASSERT_TRUE(file->read(tensor, first, std::as_writable_bytes(std::span(piece))));
            EXPECT_EQ(piece, wanted.data.substr(first)) << tensor.name;
        }
        std::string more(wanted.data.size() + 1, '?');
        EXPECT_EQ(file->read(tensor, 0, std::as_writable_bytes(std::span(more))).error().kind, ErrorKind::Bug);
    }
}

TEST(Safetensors, AHeaderThatContradictsItselfIsRefusedByName) {
    EXPECT_EQ(problem_of(json{{"a", entry("F32", {2}, 0, 8)}}.dump(), 8), "");
    const auto said = [](const json& header, std::uint64_t data_bytes) {
        return problem_of(header.dump(), data_bytes);
    };
    EXPECT_THAT(said({{"a", entry("F32", {2}, 0, 8)}, {"b", entry("F32", {2}, 4, 12)}}, 12),
                HasSubstr("a and b overlap"));
    EXPECT_THAT(said({{"a", entry("F32", {2}, 4, 12)}}, 12), HasSubstr("gap before a"));
    EXPECT_THAT(said({{"a", entry("F32", {2}, 0, 8)}}, 12), HasSubstr("8 of 12 bytes"));
    EXPECT_THAT(said({{"a", entry("F32", {2}, 0, 8)}}, 4), HasSubstr("bytes 0 to 8 of 4"));
    EXPECT_THAT(said({{"a", entry("F32", {2}, 8, 0)}}, 8), HasSubstr("where a lies"));
    EXPECT_THAT(said({{"a", entry("F32", {3}, 0, 8)}}, 8), HasSubstr("shape (3) in F32"));
    EXPECT_THAT(said({{"a", entry("Q9", {2}, 0, 8)}}, 8), HasSubstr("unknown type \"Q9\""));
    EXPECT_THAT(said({{"a", {{"dtype", "F32"}, {"data_offsets", {0, 8}}}}}, 8), HasSubstr("no shape"));
    EXPECT_THAT(said({{"a", {{"dtype", "F32"}, {"shape", {-2}}, {"data_offsets", {0, 8}}}}}, 8), HasSubstr("no shape"));
    EXPECT_THAT(said({{"a", 3}}, 8), HasSubstr("something else"));
    EXPECT_THAT(said({{"a", entry("F32", {1LL << 40, 1LL << 40}, 0, 8)}}, 8), HasSubstr("does not take"));
    EXPECT_THAT(said({{"a", entry("F4", {3}, 0, 2)}}, 2), HasSubstr("does not take"));
    const std::string twice = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                              R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
    EXPECT_THAT(problem_of(twice, 1), HasSubstr("a twice"));
    EXPECT_THAT(problem_of("[1]", 1), HasSubstr("no JSON object"));
    EXPECT_THAT(problem_of("{\"a\":", 1), HasSubstr("no JSON object"));
}

TEST(Safetensors, AFileThatIsNoneOrCutShortIsRefusedByName) {
    const TempFolder folder;
    const std::string whole = safetensors_of({{"a", {"F32", {4}, std::string(16, 'x')}}});
    EXPECT_THAT(open_error(folder / "none").sentence, HasSubstr("No such file"));
    EXPECT_THAT(open_error(folder.write("empty", "")).sentence, HasSubstr("0 bytes"));
    EXPECT_THAT(open_error(folder.write("page", "<!DOCTYPE html><html>")).sentence, HasSubstr("web page"));
    EXPECT_THAT(open_error(folder.write("lfs", "version https://git-lfs.github.com/spec/v1\n")).sentence,
                HasSubstr("Git LFS"));
    EXPECT_THAT(open_error(folder.write("data", whole.substr(0, whole.size() - 3))).sentence,
                HasSubstr("16 bytes of data, 13 are there"));
    EXPECT_THAT(open_error(folder.write("header", whole.substr(0, 30))).sentence, HasSubstr("within its header"));
    EXPECT_THAT(open_error(folder.write("long", safetensors_file("{}", "").replace(6, 1, "\x7F"))).sentence,
                HasSubstr("does not begin with a header"));
    for (const char* name : {"empty", "page", "data", "header"}) {
        EXPECT_EQ(open_error(folder / name).kind, ErrorKind::Invalid) << name;
    }
}

// Whatever is done to a header, what is accepted covers the data once, within the file, in the shapes it names.
TEST(Safetensors, WhatIsAcceptedIsSoundForAnyDamage) {
    const std::string good = json{
        {"a", entry("F32", {2, 3}, 0, 24)},
        {"b", entry("BF16", {5}, 24, 34)},
        {"c", entry("U8", {}, 34, 35)},
        {"__metadata__",
         {{"format", "pt"}}}}.dump();
    const std::string letters = "0123456789[]{},:\"-ae.\\\xFF";
    std::size_t n_accepted = 0;
    for (unsigned seed = 0; seed < 4000; ++seed) {
        std::mt19937 random(seed);
        std::string header = good;
        for (auto edits = random() % 4; edits > 0; --edits) {
            const std::size_t at = random() % header.size();
            const char letter = letters[random() % letters.size()];
            if (random() % 3 == 0)
                header.erase(at, 1 + random() % 3);
            else if (random() % 2 == 0)
                header.insert(at, 1, letter);
            else
                header[at] = letter;
        }
        const std::uint64_t data_bytes = random() % 3 == 0 ? 35 + random() % 3 : 35;
        const auto read = read_safetensors_header(header, data_bytes);
        if (!read) {
            EXPECT_FALSE(read.error().empty());
            continue;
        }
        ++n_accepted;
        std::uint64_t end = 0;
        for (const SafeTensor& tensor : *read) {
            EXPECT_EQ(tensor.offset, end) << header;
            std::uint64_t bits = safetensors_bits(tensor.type);
            for (const std::int64_t size : tensor.shape) bits *= static_cast<std::uint64_t>(size);
            EXPECT_EQ(bits, tensor.bytes * 8) << header;
            end += tensor.bytes;
        }
        EXPECT_EQ(end, data_bytes) << header;
    }
    EXPECT_GT(n_accepted, 500U);
    EXPECT_LT(n_accepted, 3500U);
}

TEST(Safetensors, DamagedFilesNeverReadBeyondThemselves) {
    const TempFolder folder;
    const std::string good = safetensors_of({{"a", {"F32", {4}, std::string(16, 'x')}}, {"b", {"U8", {3}, "yyy"}}});
    for (unsigned seed = 0; seed < 400; ++seed) {
        std::mt19937 random(seed);
        std::string damaged = good.substr(0, random() % (good.size() + 1));
        for (auto edits = random() % 3; edits > 0 && !damaged.empty(); --edits) {
            damaged[random() % std::min<std::size_t>(damaged.size(), 40)] = static_cast<char>(random());
        }
        const auto file = SafetensorsFile::open(folder.write("m", damaged));
        if (!file) {
            EXPECT_EQ(file.error().kind, ErrorKind::Invalid);
            EXPECT_FALSE(file.error().remedy.empty());
            continue;
        }
        for (const SafeTensor& tensor : file->tensors()) {
            std::string bytes(tensor.bytes, '?');
            EXPECT_TRUE(file->read(tensor, 0, std::as_writable_bytes(std::span(bytes))));
        }
    }
}

}  // namespace
}  // namespace landauer
