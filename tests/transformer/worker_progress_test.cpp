#include "transformer/worker_progress.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

// A watched worker, and a clock that ticks when it is told to.
struct Watched {
  explicit Watched(Duration deadline) : overdue(deadline) {}
  bool after(Duration duration) {
    now += duration;
    return overdue.look(progress, now);
  }
  WorkerProgress progress;
  Overdue overdue;
  Time now{100s};
};

TEST_CASE("a document is overdue when it is worked on for longer than the deadline") {
  Watched worker(1min);
  worker.progress.begin(3);
  CHECK_FALSE(worker.after(250ms));
  CHECK_FALSE(worker.after(1min));
  CHECK(worker.after(1ms));
  CHECK(worker.after(1h));
  CHECK(WorkerProgress::index_of(worker.progress.mark()) == 3);
}

TEST_CASE("each document has all of the time, also after one of the same index") {
  Watched worker(1min);
  for (int batch = 0; batch < 10; ++batch) {
    worker.progress.begin(0);
    CHECK_FALSE(worker.after(40s));
    CHECK_FALSE(worker.after(40s));
    worker.progress.end();
  }
}

TEST_CASE("a worker without a document is never overdue") {
  Watched worker(1min);
  CHECK_FALSE(worker.after(1h));
  worker.progress.begin(0);
  CHECK_FALSE(worker.after(1s));
  worker.progress.end();
  CHECK_FALSE(worker.after(1h));
}

TEST_CASE("a deadline of zero is for ever") {
  Watched worker(0s);
  worker.progress.begin(0);
  CHECK_FALSE(worker.after(1s));
  CHECK_FALSE(worker.after(1000h));
}

}  // namespace
}  // namespace docmill::test
