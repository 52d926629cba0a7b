#include "run/read_turn.h"

#include <map>
#include <string>

namespace landauer {

std::mutex& read_turn(std::string_view meter) {
    static std::mutex guard;
    static std::map<std::string, std::mutex, std::less<>> turns;  // few names, never removed
    const std::scoped_lock lock(guard);
    const auto found = turns.find(meter);
    return found != turns.end() ? found->second : turns.try_emplace(std::string(meter)).first->second;
}

}  // namespace landauer
