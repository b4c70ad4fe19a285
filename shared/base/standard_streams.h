// The first three descriptors of a process, which whoever started it may have closed.
#pragma once

namespace docmill {

// Opens those that are closed, so that no file or socket of ours gets their numbers: input that
// ends at once, output that cannot be written, errors that nobody reads. First thing in main().
void open_standard_streams();

}  // namespace docmill
