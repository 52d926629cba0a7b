#include <fmt/format.h>

#include "plan/plan.h"

namespace landauer {

const std::vector<Protocol>& protocol_table() {
    static const std::vector<Protocol> protocols = {
        {"quick", "19 prompts once, 32 tokens each (about two minutes on a 135M model); images: 8 sizes", 1, 32, 5.0,
         5.0, 10.0, 1.0, false, 8, 16, false, ""},
        {"paper",
         "19 prompts, model kept loaded, 5 Hz, five repetitions (arXiv 2512.16531); images: 20 sizes, three clamps, "
         "reloaded for each",
         5, 128, 5.0, 10.0, 60.0, 2.0, false, 20, 64, true, "1024x720,854x594,714x496"},
        {"grid", "synthetic prompts as in llama-bench: -p, -n, -pg and -d in every combination", 5, 128, 5.0, 5.0, 20.0,
         0.0, true, 20, 16, false, ""},
    };
    return protocols;
}

Result<Protocol> find_protocol(std::string_view name) {
    std::string known;
    for (const Protocol& protocol : protocol_table()) {
        if (protocol.name == name) {
            return protocol;
        }
        known += fmt::format("{}{}", known.empty() ? "" : ", ", protocol.name);
    }
    return fail(ErrorKind::Invalid, fmt::format("There is no protocol \"{}\".", name),
                fmt::format("Choose one of: {}.", known));
}

}  // namespace landauer
