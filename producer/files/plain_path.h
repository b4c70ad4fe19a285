// The plain spelling of a path: absolute, without "." and doubled slashes, so that `in/a.log`,
// `./in//a.log` and `/srv/in/a.log` are one file.
#pragma once

#include <string>

namespace docmill {

// ".." stays as it is: behind a symbolic link it leads elsewhere than the text says. Relative paths
// are relative to the daemon's folder.
std::string plain_path(const std::string& path);

}  // namespace docmill
