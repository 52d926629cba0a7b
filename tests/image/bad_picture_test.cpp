// What is no picture, or only half of one, must end in one sentence with a remedy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "image/image.h"
#include "picture_bytes.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace landauer::testing;
using ::testing::HasSubstr;

const std::string kFixtures = FIXTURES "/image/";

constexpr std::uint8_t kTableMarker[] = {0xFF, 0xC4};

void expect_refused(const std::filesystem::path& file, const std::string& words, ErrorKind kind = ErrorKind::Invalid) {
    const auto info = inspect_image(file);
    const auto image = read_image(file);
    ASSERT_FALSE(info) << file;
    ASSERT_FALSE(image) << file;
    for (const Error& error : {info.error(), image.error()}) {
        EXPECT_EQ(error.kind, kind) << error.sentence;
        EXPECT_THAT(error.sentence, HasSubstr(words));
        EXPECT_THAT(error.sentence, HasSubstr(file.filename().string()));
        EXPECT_FALSE(error.remedy.empty());
    }
}

class BadPicture : public ::testing::Test {
   protected:
    TempFolder folder_;
};

TEST_F(BadPicture, WhatIsNoFile) {
    expect_refused(folder_ / "none.png", "does not exist");
    std::filesystem::create_directory(folder_ / "folder");
    expect_refused(folder_ / "folder", "is a folder");
    expect_refused(folder_.write("empty.png", ""), "is empty");
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    expect_refused(folder_ / "pipe", "not a plain file");
}

TEST_F(BadPicture, WhatMayNotBeRead) {
    if (geteuid() == 0) {
        GTEST_SKIP() << "root may read everything";
    }
    const auto file = folder_.write("secret.png", text_of(encode_png(numbered_image(2, 2))));
    ASSERT_EQ(::chmod(file.c_str(), 0), 0);
    expect_refused(file, "may not be read", ErrorKind::Denied);
}

TEST_F(BadPicture, FilesAboveTheLimitAreNotRead) {
    const auto file = folder_.write("huge.ppm", "P6 10 10 255\n");
    std::filesystem::resize_file(file, (std::uintmax_t{1} << 30U) + 1);
    expect_refused(file, "at most 1073741824 are read");
}

TEST_F(BadPicture, KnownFormatsAreRefusedByName) {
    const std::vector<std::pair<std::string, std::string>> beginnings{
        {std::string("RIFF\0\0\0\0WEBPVP8 ", 16), "a WebP picture"},
        {std::string("\0\0\0\x1C", 4) + "ftypheic0000", "a HEIC picture"},
        {std::string("\0\0\0\x1C", 4) + "ftypavif0000", "an AVIF picture"},
        {std::string("\0\0\0\x1C", 4) + "ftypmp420000", "a video"},
        {std::string("II*\0\x08\0\0\0", 8), "a TIFF picture"},
        {"%PDF-1.7\n", "a PDF document"},
        {"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\">", "an SVG drawing"},
        {"<!DOCTYPE html><html>", "an HTML page"},
        {"GGUF\3", "a GGUF model"},
        {"PK\3\4zip", "a ZIP archive"},
        {std::string("\0\0\1\0\1\0", 6), "a Windows icon"},
        {"P3 1 1 255 0 0 0", "in text form"}};
    for (const auto& [bytes, words] : beginnings) {
        expect_refused(folder_.write("a.png", bytes), words);
    }
    expect_refused(kFixtures + "plain.webp", "a WebP picture");
    expect_refused(kFixtures + "plain.tiff", "a TIFF picture");
}

TEST_F(BadPicture, TextIsNoPicture) {
    expect_refused(folder_.write("notes.png", "Dear diary, today I measured a joule.\n"), "not a picture of a known");
    expect_refused(folder_.write("one.png", "x"), "not a picture of a known");
}

TEST_F(BadPicture, SizesThatCannotBe) {
    expect_refused(folder_.write("zero.png", text_of(png_that_claims(0, 5))), "0 x 5 pixels");
    expect_refused(folder_.write("flat.png", text_of(png_that_claims(5, 0))), "5 x 0 pixels");
    expect_refused(folder_.write("zero.ppm", "P6 0 4 255\n123"), "0 x 4 pixels");
}

TEST_F(BadPicture, BombsAreRefusedBeforeMemoryIsTaken) {
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    expect_refused(folder_.write("bomb.png", text_of(png_that_claims(100'000, 100'000))), "at most 268435456 pixels");
    expect_refused(folder_.write("wide.png", text_of(png_that_claims(0x7FFFFFFF, 0x7FFFFFFF))), "at most 268435456");
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 50'000);  // KiB
}

TEST_F(BadPicture, AHundredMegapixelsAreInspectedByTheirHeader) {
    const auto file = folder_.write("large.png", text_of(png_that_claims(12'000, 9'000)));
    const auto info = inspect_image(file);
    ASSERT_TRUE(info) << info.error().sentence;
    EXPECT_EQ(info->size, (ImageSize{12'000, 9'000}));
}

TEST_F(BadPicture, AnyCutIsNoticed) {
    const RgbImage image = numbered_image(64, 48);
    const std::vector<FileBytes> files{encode_png(image),
                                       encode_jpeg(image, 90),
                                       bytes_of(kFixtures + "plain.bmp"),
                                       bytes_of(kFixtures + "plain.ppm"),
                                       bytes_of(kFixtures + "still.gif"),
                                       bytes_of(kFixtures + "plain.tga")};
    for (const FileBytes& whole : files) {
        ASSERT_TRUE(decode_image(whole, "whole"));
        for (std::size_t kept = 1; kept + 20 < whole.size(); kept += 1 + whole.size() / 97) {
            const auto cut = decode_image(std::span(whole).first(kept), "cut");
            ASSERT_FALSE(cut) << kept << " of " << whole.size() << " bytes";
            EXPECT_EQ(cut.error().kind, ErrorKind::Invalid);
            EXPECT_FALSE(cut.error().remedy.empty());
        }
    }
}

TEST_F(BadPicture, AJpegWithoutItsEndIsCalledCutOff) {
    const FileBytes jpeg = encode_jpeg(numbered_image(64, 48), 90);
    const auto image = decode_image(std::span(jpeg).first(jpeg.size() - 40), "a.jpg");
    ASSERT_FALSE(image);
    EXPECT_THAT(image.error().sentence, HasSubstr("is cut off"));
}

// Counts of 255 in each of 16 lengths: 4080 codes, which older versions of stb_image write over their own memory.
TEST_F(BadPicture, HuffmanTablesThatOverflowAreRefused) {
    FileBytes jpeg = encode_jpeg(numbered_image(64, 48), 90);
    const auto table = std::search(jpeg.begin(), jpeg.end(), std::begin(kTableMarker), std::end(kTableMarker));
    ASSERT_NE(table, jpeg.end());
    std::fill_n(table + 5, 16, std::uint8_t{255});
    const auto image = decode_image(jpeg, "a.jpg");
    ASSERT_FALSE(image);
    EXPECT_THAT(image.error().sentence, HasSubstr("more than 256 codes"));
}

TEST_F(BadPicture, DamageEndsInASentence) {
    FileBytes png = encode_png(numbered_image(64, 48));
    for (std::size_t at = 60; at < png.size() - 20; ++at) {
        png[at] = static_cast<std::uint8_t>(at * 37);
    }
    const auto image = decode_image(png, "a.png");
    ASSERT_FALSE(image);
    EXPECT_THAT(image.error().sentence, HasSubstr("is damaged"));

    FileBytes jpeg = encode_jpeg(numbered_image(64, 48), 90);
    for (std::size_t at = 2; at + 9 < jpeg.size(); ++at) {
        if (jpeg[at] == 0xFF && jpeg[at + 1] == 0xC0) {
            jpeg[at + 1] = 0xC9;
        }
    }
    const auto arithmetic = decode_image(jpeg, "a.jpg");
    ASSERT_FALSE(arithmetic);
    EXPECT_THAT(arithmetic.error().sentence, HasSubstr("arithmetic coding"));
}

}  // namespace
}  // namespace landauer
