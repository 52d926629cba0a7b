#include <fmt/format.h>

#include "grad/chain.h"
#include "grad/decoder.h"

namespace landauer {
namespace {

// Reads a layer's tensors one after the other; the first error ends it.
class BlockReader {
   public:
    BlockReader(const WeightFile& file, const DecoderShape& shape, std::size_t layer)
        : file_(file), shape_(shape), prefix_(fmt::format("blk.{}.", layer)) {}

    void matrix(const char* name, std::size_t n_out, std::size_t n_in, MatrixF& into) {
        if (const auto found = shape_.factors.find(prefix_ + name); found != shape_.factors.end()) {
            if (outcome_) outcome_ = read_multiplied_out(file_, found->second, into);
            return;
        }
        into = MatrixF(n_out, n_in);
        read(name, into.values());
    }
    void vector(const char* name, std::size_t n, std::vector<float>& into) {
        if (file_.find(prefix_ + name) == nullptr) return;
        into.resize(n);
        read(name, into);
    }
    [[nodiscard]] const Result<void>& outcome() const { return outcome_; }

   private:
    void read(const char* name, std::span<float> into) {
        if (outcome_) outcome_ = file_.read(prefix_ + name, 0, into);
    }

    const WeightFile& file_;
    const DecoderShape& shape_;
    std::string prefix_;
    Result<void> outcome_;
};

}  // namespace

Result<BlockWeights> read_block(const WeightFile& file, const DecoderShape& shape, std::size_t layer) {
    BlockWeights block;
    BlockReader reader(file, shape, layer);
    const std::size_t wide = shape.n_embd;
    const std::size_t q = shape.n_head[layer] * shape.head_dim;
    const std::size_t kv = shape.n_head_kv[layer] * shape.head_dim;
    const std::size_t ff = shape.n_ff[layer];
    if (q > 0) {
        reader.vector("attn_norm.weight", wide, block.attn_norm);
        reader.matrix("attn_q.weight", q, wide, block.q);
        reader.matrix("attn_k.weight", kv, wide, block.k);
        reader.matrix("attn_v.weight", kv, wide, block.v);
        reader.matrix("attn_output.weight", wide, q, block.o);
        reader.vector("attn_q.bias", q, block.q_bias);
        reader.vector("attn_k.bias", kv, block.k_bias);
        reader.vector("attn_v.bias", kv, block.v_bias);
        reader.vector("attn_output.bias", wide, block.o_bias);
        reader.vector("attn_q_norm.weight", shape.head_dim, block.q_norm);
        reader.vector("attn_k_norm.weight", shape.head_dim, block.k_norm);
    }
    reader.vector("ffn_norm.weight", wide, block.ffn_norm);
    reader.matrix("ffn_gate.weight", ff, wide, block.gate);
    reader.matrix("ffn_up.weight", ff, wide, block.up);
    reader.matrix("ffn_down.weight", wide, ff, block.down);
    if (!reader.outcome()) return tl::unexpected(reader.outcome().error());
    return block;
}

}  // namespace landauer
