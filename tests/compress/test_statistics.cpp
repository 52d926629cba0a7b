// What is no file of statistics, or a damaged one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect_testing.h"
#include "gguf/writer.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

using testing::collect;
using testing::content_of;
using ::testing::HasSubstr;
using testing::random_windows;
using testing::settings_with;
using testing::TempFolder;

TEST(Statistics, OtherFilesAreRefused) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const auto expect = [](const std::filesystem::path& file, const std::string& words) {
        const auto opened = StatisticsFile::open(file);
        ASSERT_FALSE(opened) << words;
        EXPECT_EQ(opened.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(opened.error().sentence, HasSubstr(words));
    };
    expect(folder / "none.gguf", "does not exist");
    expect(folder / "m.gguf", "holds no statistics");
    expect(folder.write("text", "hello"), "not a GGUF");
    ASSERT_TRUE(collect(folder / "m.gguf", random_windows({10}, 1), settings_with(1), folder / "s.gguf"));
    const std::string whole = content_of(folder / "s.gguf");
    expect(folder.write("short.gguf", whole.substr(0, whole.size() - 100)), "cut short");

    const auto changed = [&](const std::string& key, const GgufValue& value) {
        auto header = GgufHeader::with_metadata_of(folder / "s.gguf");
        EXPECT_TRUE(header->set("landauer.statistics." + key, value));
        auto writer = GgufWriter::create(folder / "changed.gguf", *header, true);
        EXPECT_TRUE(writer->finish());
        return folder / "changed.gguf";
    };
    // A file with all tensors but one, or with that one changed.
    const auto with = [&](const std::string& name, const GgufTensorSpec* instead) {
        auto header = GgufHeader::with_metadata_of(folder / "s.gguf");
        const auto summary = inspect_gguf(folder / "s.gguf");
        for (const GgufTensor& tensor : summary->tensors) {
            if (tensor.name == name) continue;
            EXPECT_TRUE(header->add_tensor({tensor.name, tensor.type, tensor.shape}));
        }
        if (instead != nullptr) {
            EXPECT_TRUE(header->add_tensor(*instead));
        }
        auto writer = GgufWriter::create(folder / "tensors.gguf", *header, true);
        for (const GgufPlace& place : header->places()) {
            EXPECT_TRUE(writer->write(place.name, std::vector<std::byte>(place.bytes)));
        }
        EXPECT_TRUE(writer->finish());
        return folder / "tensors.gguf";
    };
    for (const char* name : {"blk.1.grad_v", "blk.0.attn_out", "blk.1.ffn_down", "blk.0.influence"}) {
        expect(with(name, nullptr), std::string("lacks ") + name);
    }
    const GgufTensorSpec square{"blk.0.ffn_in", "f32", {48, 48}};
    expect(with("blk.0.ffn_in", &square), "another form");
    const GgufTensorSpec odd{"blk.0.ffn_in", "f32", {1177}};
    expect(with("blk.0.ffn_in", &odd), "another form");
    const GgufTensorSpec half{"blk.0.ffn_in", "f16", {1176}};
    expect(with("blk.0.ffn_in", &half), "another form");
    expect(changed("version", std::uint32_t{2}), "version 2");
    expect(changed("n_layer", std::int64_t{1} << 40), "layers");
    expect(changed("n_tokens", std::int64_t{0}), "of nothing");
    expect(changed("seed", std::string("seven")), "landauer.statistics.seed");
    expect(changed("n_layer", std::int64_t{2}), "layers");
}

}  // namespace
}  // namespace landauer
