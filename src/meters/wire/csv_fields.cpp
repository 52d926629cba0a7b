#include "meters/wire/csv_fields.h"

#include <algorithm>

#include "meters/wire/time_text.h"
#include "meters/wire/units.h"
#include "platform/text.h"

namespace landauer::wire {
namespace {

std::string_view without_quotes(std::string_view field) noexcept {
    field = trim(field);
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
        field = trim(field.substr(1, field.size() - 2));
    }
    return field;
}

// Whether a word goes with the one before it, though blanks stand between.
bool belongs_to(std::string_view before, std::string_view word) noexcept {
    if (before.empty()) {  // "" or other blanks: a view of nowhere, which nothing can be joined to
        return false;
    }
    if (word.starts_with('(') || word.starts_with('[')) {
        return true;
    }
    if (looks_like_date(before)) {
        return looks_like_time_of_day(word);
    }
    return parse_number(before).has_value() && value_unit(word).has_value();
}

}  // namespace

char separator_of(std::string_view line) noexcept {
    for (const char candidate : {';', '\t', ','}) {
        if (line.find(candidate) != std::string_view::npos) {
            return candidate;
        }
    }
    return kBlanks;
}

Fields::Fields(std::string_view line, char separator) noexcept {
    if (separator == kBlanks) {
        split_at_blanks(line);
    } else {
        split_at(line, separator);
    }
}

void Fields::add(std::string_view field) noexcept {
    if (size_ < fields_.size()) {
        fields_[size_++] = without_quotes(field);
    }
}

void Fields::split_at(std::string_view line, char separator) noexcept {
    while (size_ < fields_.size()) {
        const std::size_t end = std::min(line.find(separator), line.size());
        add(line.substr(0, end));
        if (end == line.size()) {
            return;
        }
        line.remove_prefix(end + 1);
    }
}

void Fields::split_at_blanks(std::string_view line) noexcept {
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
        if (size_ > 0 && belongs_to(fields_[size_ - 1], word)) {
            std::string_view& before = fields_[size_ - 1];
            before = {before.data(), static_cast<std::size_t>(word.data() + word.size() - before.data())};
        } else {
            add(word);
        }
    }
}

}  // namespace landauer::wire
