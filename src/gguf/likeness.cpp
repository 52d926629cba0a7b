#include "gguf/likeness.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace landauer {
namespace {

struct Signature {
    std::string_view magic;
    std::string_view what;
    std::string_view remedy;
};

constexpr std::string_view kAgain = "Download the model again; the address must lead to the file itself.";
constexpr std::string_view kConvert = "Convert it with llama.cpp's convert_hf_to_gguf.py, or download a GGUF version.";
constexpr std::string_view kUnpack = "Unpack it and give the .gguf file that is inside.";

constexpr std::array kSignatures = {
    Signature{"version https://git-lfs", "is a Git LFS pointer, not the model itself",
              "Run `git lfs pull` in the model's folder."},
    Signature{"<!doctype", "is a web page", kAgain},
    Signature{"<html", "is a web page", kAgain},
    Signature{"<?xml", "is an XML document", kAgain},
    Signature{"PK\x03\x04", "looks like a zip archive (PyTorch checkpoints are such)", kConvert},
    Signature{"\x1F\x8B", "looks like a gzip archive", kUnpack},
    Signature{"\x28\xB5\x2F\xFD", "looks like a zstd archive", kUnpack},
    Signature{"BZh", "looks like a bzip2 archive", kUnpack},
    Signature{"7z\xBC\xAF", "looks like a 7-zip archive", kUnpack},
    Signature{"\xFD"
              "7zXZ",
              "looks like an xz archive", kUnpack},
    Signature{"FUGG", "is a GGUF file for machines of the other byte order",
              "Convert it with llama.cpp's gguf_convert_endian.py."},
    Signature{"lmgg", "is a model in the old GGML format", kConvert},
    Signature{"fmgg", "is a model in the old GGMF format", kConvert},
    Signature{"tjgg", "is a model in the old GGJT format", kConvert},
    Signature{"\x7F"
              "ELF",
              "is a program", "Give the model's file, not a program's."},
    Signature{"\x80\x02", "looks like a Python pickle", kConvert},
    Signature{"\x93NUMPY", "is a NumPy array", kConvert},
    Signature{"\x89HDF", "is an HDF5 file", kConvert},
    Signature{"{", "looks like JSON", "Give the model's .gguf file; a fake model's name must end in .fake.json."},
};

bool begins_with(std::string_view head, std::string_view magic) {
    return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
           });
}

// Eight bytes of header length, then JSON.
bool is_safetensors(std::string_view head, std::uint64_t file_bytes) {
    if (head.size() < 9 || head[8] != '{') return false;
    std::uint64_t length = 0;
    for (std::size_t i = 8; i > 0; --i) length = length << 8U | static_cast<std::uint8_t>(head[i - 1]);
    return length > 1 && length <= file_bytes - 8;
}

}  // namespace

Likeness likeness_of(std::string_view head, std::uint64_t file_bytes) {
    if (is_safetensors(head, file_bytes)) {
        return {"looks like a safetensors file", "Make one of its whole folder: landauer import FOLDER -o model.gguf"};
    }
    for (const Signature& signature : kSignatures) {
        if (begins_with(head, signature.magic)) return {std::string(signature.what), std::string(signature.remedy)};
    }
    if (!head.empty() && std::all_of(head.begin(), head.end(), [](char c) { return c == '\0'; })) {
        return {"begins with zeros, as an unfinished download does", std::string(kAgain)};
    }
    return {};
}

}  // namespace landauer
