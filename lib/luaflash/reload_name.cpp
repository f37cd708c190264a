#include "luaflash/reload.h"

namespace flashstore::luaflash {

const char* name(ReloadOutcome outcome) {
  switch (outcome) {
    case ReloadOutcome::kAlreadyThere:
      return "already-there";
    case ReloadOutcome::kRefused:
      return "refused";
    case ReloadOutcome::kNoMemory:
      return "no-memory";
    case ReloadOutcome::kJournal:
      return "journal";
    case ReloadOutcome::kDone:
      return "done";
    case ReloadOutcome::kFileFailed:
      return "file-failed";
    case ReloadOutcome::kFlashFailed:
      return "flash-failed";
    case ReloadOutcome::kDiffers:
      return "differs";
    case ReloadOutcome::kStructure:
      return "structure";
    case ReloadOutcome::kGone:
      return "gone";
    case ReloadOutcome::kGivenUp:
      return "given-up";
  }
  return "";
}

}  // namespace flashstore::luaflash
