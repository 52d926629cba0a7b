// One line of a table as its fields, and what separates them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace landauer::wire {

inline constexpr std::size_t kMostFields = 32;  // of a line; what follows is not looked at
inline constexpr char kBlanks = ' ';            // fields apart by any run of blanks and tabs

// ';' before tab before ',' before blanks: a decimal comma stands only where ';' separates.
[[nodiscard]] char separator_of(std::string_view line) noexcept;

// Fields without blanks and quotes round them; views into `line`. Where blanks separate, a date
// keeps its time of day, a number its unit, and a name its "(unit)".
class Fields {
   public:
    Fields(std::string_view line, char separator) noexcept;
    [[nodiscard]] std::span<const std::string_view> all() const noexcept { return {fields_.data(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return i < size_ ? fields_[i] : std::string_view();
    }

   private:
    void add(std::string_view field) noexcept;
    void split_at(std::string_view line, char separator) noexcept;
    void split_at_blanks(std::string_view line) noexcept;
    std::array<std::string_view, kMostFields> fields_{};
    std::size_t size_ = 0;
};

}  // namespace landauer::wire
