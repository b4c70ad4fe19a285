// docmill-transformer: PULL batches, run the processors, PUSH to the sink that owns each batch; or,
// where the pipeline file has raw links, the same document by document between programs of others.
#include "transformer/raw_transformer.h"
#include "transformer/transformer_daemon.h"

namespace {

using namespace docmill;

// The stage that the pipeline file asks for; after a reload it may be the other one.
class Stage {
 public:
  static Result<std::unique_ptr<Stage>> open(Daemon& daemon) {
    auto stage = std::make_unique<Stage>();
    if (daemon.config().is_raw()) {
      auto raw = RawTransformer::open(daemon);
      if (!raw) return raw.error();
      stage->raw_ = std::move(*raw);
    } else {
      auto member = TransformerDaemon::open(daemon);
      if (!member) return member.error();
      stage->member_ = std::move(*member);
    }
    return stage;
  }
  Result<void> run() { return raw_ ? raw_->run() : member_->run(); }

 private:
  std::unique_ptr<RawTransformer> raw_;
  std::unique_ptr<TransformerDaemon> member_;
};

}  // namespace

int main(int argc, char** argv) {
  const ComponentSet processors = processor_set();
  return run_daemon<Stage>(Role::kTransformer, argc, argv, {.processors = &processors});
}
