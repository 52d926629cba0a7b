#include "platform/aes.h"

#include <openssl/evp.h>

#include <memory>

namespace landauer {
namespace {

constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

bool run(std::span<const std::uint8_t, 32> key, std::span<std::uint8_t> data, bool encrypt) noexcept {
    if (data.size() % kBlockBytes != 0 || data.size() > kMostBytes) {
        return false;
    }
    const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    int written = 0;
    return context != nullptr &&
           EVP_CipherInit_ex(context.get(), EVP_aes_256_ecb(), nullptr, key.data(), nullptr, encrypt ? 1 : 0) == 1 &&
           EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
           EVP_CipherUpdate(context.get(), data.data(), &written, data.data(), static_cast<int>(data.size())) == 1 &&
           static_cast<std::size_t>(written) == data.size();
}

}  // namespace

bool aes256_ecb_decrypt(std::span<const std::uint8_t, 32> key, std::span<std::uint8_t> data) noexcept {
    return run(key, data, false);
}

bool aes256_ecb_encrypt(std::span<const std::uint8_t, 32> key, std::span<std::uint8_t> data) noexcept {
    return run(key, data, true);
}

}  // namespace landauer
