#include "platform/sha256.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "platform/system_error.h"

namespace landauer {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;

class Hash {
   public:
    Hash() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

    void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }

    [[nodiscard]] std::string finish() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
        std::string text;
        for (unsigned int i = 0; i < size; ++i) {
            text += fmt::format("{:02x}", digest[i]);
        }
        return text;
    }

   private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

class Descriptor {
   public:
    explicit Descriptor(const std::filesystem::path& file) : number_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

   private:
    int number_;
};

}  // namespace

std::string sha256_text(std::string_view text) {
    Hash hash;
    hash.add(text.data(), text.size());
    return hash.finish();
}

Result<std::string> sha256_file(const std::filesystem::path& file, const std::function<bool()>& abort) {
    const Descriptor opened(file);
    if (opened.number() < 0) {
        return tl::unexpected(file_error(errno, "read", file));
    }
    Hash hash;
    std::vector<char> piece(kPieceBytes);
    while (true) {
        if (abort && abort()) {
            return fail(ErrorKind::Interrupted, fmt::format("Hashing {} was interrupted.", file.string()), "");
        }
        const ssize_t got = ::read(opened.number(), piece.data(), piece.size());
        if (got == 0) {
            return hash.finish();
        }
        if (got < 0 && errno != EINTR) {
            return tl::unexpected(file_error(errno, "read", file));
        }
        if (got > 0) {
            hash.add(piece.data(), static_cast<std::size_t>(got));
        }
    }
}

}  // namespace landauer
