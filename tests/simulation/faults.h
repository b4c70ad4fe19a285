// Faults: what goes wrong in a simulation, and what its people change in the meantime.
#pragma once

#include "tests/simulation/pipeline.h"

namespace docmill::simulation {

class Faults {
 public:
  explicit Faults(Pipeline& pipeline) : pipeline_(pipeline), world_(pipeline.world) {}

  // Plans them from now on; the last of them comes before the time is over, and then the world is
  // calm: pauses and outages run out, and every member is up to date.
  void plan(Duration time);

 private:
  void strike();
  void kill();
  void kill_committing();
  void pause();
  void break_links();
  void change_file();
  void throw_state_away();
  void change_pipeline();
  void calm();
  Process& any_process();

  Pipeline& pipeline_;
  World& world_;
};

}  // namespace docmill::simulation
