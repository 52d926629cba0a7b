#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

#include "gguf/open.h"
#include "gguf/summary.h"
#include "gguf/values.h"
#include "gguf/writer.h"
#include "gguf_testing.h"
#include "small_disk.h"

namespace landauer {
namespace {

using testing::content_of;
using ::testing::HasSubstr;
using testing::SmallDisk;
using testing::TempFolder;

using Metadata = std::vector<std::pair<std::string, GgufValue>>;

// Added one by one: compilers choke on a list of so many alternatives.
Metadata every_type() {
    Metadata all;
    const auto add = [&all](const char* key, const auto& value) { all.emplace_back(key, value); };
    add("test.u8", std::uint8_t{200});
    add("test.i8", std::int8_t{-100});
    add("test.u16", std::uint16_t{60000});
    add("test.i16", std::int16_t{-30000});
    add("test.u32", std::numeric_limits<std::uint32_t>::max());
    add("test.i32", std::numeric_limits<std::int32_t>::min());
    add("test.f32", 1.25F);
    add("test.bool", true);
    add("test.text", std::string("caf\xC3\xA9\nline"));
    add("test.u64", std::numeric_limits<std::uint64_t>::max());
    add("test.i64", std::numeric_limits<std::int64_t>::min());
    add("test.f64", 0.1);
    add("test.list.u8", std::vector<std::uint8_t>{0, 255});
    add("test.list.i8", std::vector<std::int8_t>{-128, 127});
    add("test.list.u16", std::vector<std::uint16_t>{1, 65535});
    add("test.list.i16", std::vector<std::int16_t>{-1, 2});
    add("test.list.u32", std::vector<std::uint32_t>{1, 2, 3});
    add("test.list.i32", std::vector<std::int32_t>{-1, 0, 1});
    add("test.list.f32", std::vector<float>{0.5F, -0.5F});
    add("test.list.bool", std::vector<bool>{true, false, true});
    add("test.list.text", std::vector<std::string>{"", "a", "b c"});
    add("test.list.u64", std::vector<std::uint64_t>{1U << 31U});
    add("test.list.i64", std::vector<std::int64_t>{-5});
    add("test.list.f64", std::vector<double>{1e300});
    add("test.list.empty", std::vector<std::int32_t>{});
    add("test.list.no_text", std::vector<std::string>{});
    return all;
}

std::vector<std::byte> bytes_of(const std::string& text) {
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

GgufHeader header_with(const std::vector<GgufTensorSpec>& specs) {
    GgufHeader header;
    EXPECT_TRUE(header.set("general.architecture", std::string("llama")));
    for (const auto& spec : specs) {
        const auto added = header.add_tensor(spec);
        EXPECT_TRUE(added) << added.error().sentence;
    }
    return header;
}

template <class T>
void expect_error(const Result<T>& result, ErrorKind kind, const std::string& words) {
    ASSERT_FALSE(result) << "no error, but expected: " << words;
    EXPECT_EQ(result.error().kind, kind) << result.error().sentence;
    EXPECT_THAT(result.error().sentence, HasSubstr(words));
    EXPECT_FALSE(result.error().remedy.empty());
}

TEST(Writer, EveryMetadataTypeComesBackAsItWas) {
    const TempFolder folder;
    const Metadata all = every_type();
    GgufHeader header;
    for (const auto& [key, value] : all) ASSERT_TRUE(header.set(key, value)) << key;
    auto writer = GgufWriter::create(folder / "m.gguf", header, false);
    ASSERT_TRUE(writer) << writer.error().sentence;
    ASSERT_TRUE(writer->finish());
    const auto opened = open_gguf(folder / "m.gguf");
    ASSERT_TRUE(opened) << opened.error().sentence;
    EXPECT_EQ(gguf_get_n_kv(opened->header.get()), static_cast<std::int64_t>(all.size()));
    for (const auto& [key, value] : all) {
        const auto read = any_value(opened->header.get(), gguf_find_key(opened->header.get(), key.c_str()));
        ASSERT_TRUE(read) << key;
        EXPECT_TRUE(*read == value) << key;
    }
}

TEST(Writer, MetadataOfAnotherFileIsTakenOverWithoutTensors) {
    const TempFolder folder;
    testing::write_small_model(folder / "from.gguf");
    auto header = GgufHeader::with_metadata_of(folder / "from.gguf");
    ASSERT_TRUE(header) << header.error().sentence;
    EXPECT_TRUE(header->places().empty());
    EXPECT_TRUE(header->get("llama.block_count") == GgufValue(std::uint32_t{2}));
    header->remove("llama.block_count");
    EXPECT_FALSE(header->get("llama.block_count"));
    ASSERT_TRUE(header->set("general.name", std::string("other")));
    EXPECT_TRUE(header->get("general.name") == GgufValue(std::string("other")));
    expect_error(GgufHeader::with_metadata_of(folder / "none.gguf"), ErrorKind::Invalid, "does not exist");
}

// Any header, any data, pieces of any size: what the reader finds is what was given.
TEST(Writer, RandomFilesAreReadBackWhole) {
    const TempFolder folder;
    const std::vector<std::string> types = {"f32", "f16", "q8_0", "q4_0", "q4_K", "q6_K"};
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        const auto upto = [&](unsigned n) { return static_cast<std::int64_t>(random() % n) + 1; };
        std::vector<GgufTensorSpec> specs;
        for (unsigned i = 0; i < random() % 7; ++i) {
            GgufTensorSpec spec{"t" + std::to_string(i), types[random() % types.size()], {}};
            spec.shape = {spec.type[0] == 'f' ? upto(50) : 256 * upto(2)};
            for (unsigned rank = 1; rank < 1 + random() % 4; ++rank) spec.shape.push_back(upto(4));
            specs.push_back(spec);
        }
        const GgufHeader header = header_with(specs);
        auto writer = GgufWriter::create(folder / "m.gguf", header, true);
        ASSERT_TRUE(writer) << writer.error().sentence;
        std::vector<std::string> data;
        for (const GgufPlace& place : header.places()) {
            std::string content(place.bytes, '\0');
            for (char& c : content) c = static_cast<char>(random());
            for (std::size_t at = 0; at < content.size();) {
                const std::string piece = content.substr(at, static_cast<std::size_t>(upto(300)));
                ASSERT_TRUE(writer->write(place.name, bytes_of(piece)));
                at += piece.size();
            }
            data.push_back(content);
        }
        ASSERT_TRUE(writer->finish());
        const auto summary = inspect_gguf(folder / "m.gguf");
        ASSERT_TRUE(summary) << summary.error().sentence;
        EXPECT_EQ(summary->file_bytes, header.file_bytes());
        ASSERT_EQ(summary->tensors.size(), specs.size());
        const std::string content = content_of(folder / "m.gguf");
        for (std::size_t i = 0; i < specs.size(); ++i) {
            EXPECT_EQ(summary->tensors[i].type, specs[i].type);
            EXPECT_EQ(content.substr(summary->tensors[i].offset, summary->tensors[i].bytes), data[i]);
        }
    }
}

TEST(Writer, FileAppearsOnlyWhole) {
    const TempFolder folder;
    const GgufHeader header = header_with({{"a", "f32", {2}}, {"b", "f32", {1}}});
    {
        auto writer = GgufWriter::create(folder / "m.gguf", header, false);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->write("a", bytes_of("12345678")));
        EXPECT_FALSE(std::filesystem::exists(folder / "m.gguf"));
        expect_error(writer->finish(), ErrorKind::Bug, "b is missing");
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Writer, TensorsComeInTheirOrderAndSize) {
    const TempFolder folder;
    const GgufHeader header = header_with({{"a", "f32", {2}}, {"b", "f32", {1}}});
    auto writer = GgufWriter::create(folder / "m.gguf", header, false);
    ASSERT_TRUE(writer);
    expect_error(writer->write("b", bytes_of("1234")), ErrorKind::Bug, "b came out of turn");
    ASSERT_TRUE(writer->write("a", bytes_of("1234")));
    expect_error(writer->write("a", bytes_of("12345")), ErrorKind::Bug, "More than the 8 bytes of a");
    ASSERT_TRUE(writer->write("a", bytes_of("5678")));
    expect_error(writer->write("a", bytes_of("1")), ErrorKind::Bug, "a came out of turn");
}

TEST(Writer, ImpossibleHeadersAreRefused) {
    GgufHeader header = header_with({{"a", "f32", {2}}});
    expect_error(header.set("", true), ErrorKind::Invalid, "key of 0 bytes");
    expect_error(header.set(std::string(65536, 'k'), true), ErrorKind::Invalid, "65536");
    expect_error(header.set("k", std::string("a\0b", 3)), ErrorKind::Invalid, "NUL");
    expect_error(header.set("k", std::vector<std::string>{"a", std::string("\0", 1)}), ErrorKind::Invalid, "NUL");
    expect_error(header.set("general.alignment", std::uint32_t{64}), ErrorKind::Invalid, "general.alignment");
    expect_error(header.add_tensor({"a", "f32", {2}}), ErrorKind::Invalid, "given twice");
    expect_error(header.add_tensor({"", "f32", {2}}), ErrorKind::Invalid, "empty");
    expect_error(header.add_tensor({std::string(64, 'n'), "f32", {2}}), ErrorKind::Invalid, "too long");
    expect_error(header.add_tensor({"b", "q9_9", {2}}), ErrorKind::Invalid, "q9_9");
    expect_error(header.add_tensor({"b", "q4_K", {255}}), ErrorKind::Invalid, "blocks of 256");
    expect_error(header.add_tensor({"b", "f32", {}}), ErrorKind::Invalid, "shape ()");
    expect_error(header.add_tensor({"b", "f32", {1, 2, 3, 4, 5}}), ErrorKind::Invalid, "shape (1, 2, 3, 4, 5)");
    expect_error(header.add_tensor({"b", "f32", {4, 0}}), ErrorKind::Invalid, "shape (4, 0)");
    expect_error(header.add_tensor({"b", "f32", {1LL << 40, 1LL << 40}}), ErrorKind::Invalid, "larger than any file");
    EXPECT_EQ(header.places().size(), 1U);
}

TEST(Writer, WhatIsThereStaysUnlessAsked) {
    const TempFolder folder;
    const auto file = folder.write("m.gguf", "precious");
    const GgufHeader header = header_with({});
    expect_error(GgufWriter::create(file, header, false), ErrorKind::Invalid, "exists already");
    {
        ASSERT_TRUE(GgufWriter::create(file, header, true));
    }
    EXPECT_EQ(content_of(file), "precious");
    auto writer = GgufWriter::create(file, header, true);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->finish());
    EXPECT_NE(content_of(file), "precious");
}

TEST(Writer, ImpossiblePlacesAreSaid) {
    const TempFolder folder;
    const GgufHeader header = header_with({});
    expect_error(GgufWriter::create(folder / "no" / "m.gguf", header, false), ErrorKind::Invalid, "does not exist");
    expect_error(GgufWriter::create(folder.path(), header, true), ErrorKind::Invalid, "is a folder");
    EXPECT_TRUE(check_target(folder / "m.gguf", 1000, false));
    expect_error(check_target(folder / "m.gguf", 1ULL << 60U, false), ErrorKind::Failed, "needs 1152921504606.8 MB");
    const auto part = folder.write("m.gguf.part", "another's");
    expect_error(GgufWriter::create(folder / "m.gguf", header, false), ErrorKind::Failed, "is there already");
    EXPECT_EQ(content_of(part), "another's");
    auto writer = GgufWriter::create(folder / "m.gguf", header, true);
    ASSERT_TRUE(writer);
    EXPECT_TRUE(writer->finish());
}

TEST(Writer, AForbiddenFolderIsDenied) {
    const bool was_root = geteuid() == 0;
    if (was_root && seteuid(65534) != 0) GTEST_SKIP() << "cannot become an ordinary user";
    const auto denied = GgufWriter::create("/etc/landauer-test.gguf", header_with({}), false);
    ASSERT_TRUE(!was_root || seteuid(0) == 0);
    expect_error(denied, ErrorKind::Denied, "Permission denied");
}

TEST(Writer, AFullDiskIsSaidAndLeftClean) {
    const TempFolder folder;
    const SmallDisk disk(folder.path(), "64k");
    if (!disk.there()) GTEST_SKIP() << "may not mount a file system here";
    auto writer = GgufWriter::create(folder / "m.gguf", header_with({{"a", "f32", {65536}}}), false);
    ASSERT_TRUE(writer) << writer.error().sentence;
    expect_error(writer->write("a", std::vector<std::byte>(262144)), ErrorKind::Failed, "No space left");
    *writer = std::move(*GgufWriter::create(folder / "other.gguf", header_with({}), false));
    EXPECT_FALSE(std::filesystem::exists(folder / "m.gguf.part"));
    // What still fits in the buffer fails when it is flushed at the end.
    auto late = GgufWriter::create(folder / "late.gguf", header_with({{"a", "f32", {16384}}}), false);
    ASSERT_TRUE(late);
    Result<void> last = {};
    for (int i = 0; last && i < 64; ++i) last = late->write("a", std::vector<std::byte>(1024));
    if (last) last = late->finish();
    expect_error(last, ErrorKind::Failed, "No space left");
    EXPECT_FALSE(std::filesystem::exists(folder / "late.gguf"));
}

}  // namespace
}  // namespace landauer
