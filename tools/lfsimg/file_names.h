// Names of files for modules. What an image calls its modules is not to be trusted.
#pragma once

#include <set>
#include <string>

namespace flashstore::lfsimg {

class FileNames {
 public:
  explicit FileNames(std::string extension) : extension_(std::move(extension)) {}

  // The name, without any folder, of the file for the next module, which is called `module`:
  // letters, digits and what else is harmless stay, all other bytes become %XX, long names are cut.
  // A name that was given before gets a number: "init.lc", "init.2.lc". Names differ in more than
  // case.
  std::string next(const std::string& module);

 private:
  std::string extension_;        // with its dot
  std::set<std::string> given_;  // in lower case
};

}  // namespace flashstore::lfsimg
