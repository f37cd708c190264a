#include "partition/idf_table.h"
#include "partition/nodemcu_page.h"

namespace flashstore::partition {

const char* name(TableFlaw flaw) {
  switch (flaw) {
    case TableFlaw::kNone:
      return "none";
    case TableFlaw::kFlashSize:
      return "flash-size";
    case TableFlaw::kFactory:
      return "factory";
    case TableFlaw::kEmpty:
      return "empty";
    case TableFlaw::kUnaligned:
      return "unaligned";
    case TableFlaw::kPastEnd:
      return "past-end";
    case TableFlaw::kOverlap:
      return "overlap";
    case TableFlaw::kOrder:
      return "order";
    case TableFlaw::kOverFirmware:
      return "over-firmware";
    case TableFlaw::kOutsideWindow:
      return "outside-window";
    case TableFlaw::kSameName:
      return "same-name";
  }
  return "";
}

const char* name(PageFlaw flaw) {
  switch (flaw) {
    case PageFlaw::kNone:
      return "none";
    case PageFlaw::kNoTable:
      return "no-table";
    case PageFlaw::kFlashFailed:
      return "flash-failed";
    case PageFlaw::kRunsOff:
      return "runs-off";
    case PageFlaw::kBodyLength:
      return "body-length";
    case PageFlaw::kTableLength:
      return "table-length";
    case PageFlaw::kFull:
      return "full";
  }
  return "";
}

const char* name(IdfFlaw flaw) {
  switch (flaw) {
    case IdfFlaw::kNone:
      return "none";
    case IdfFlaw::kCutOff:
      return "cut-off";
    case IdfFlaw::kMagic:
      return "magic";
    case IdfFlaw::kDigest:
      return "digest";
    case IdfFlaw::kNotTheEnd:
      return "not-the-end";
    case IdfFlaw::kLabel:
      return "label";
    case IdfFlaw::kNoRoom:
      return "no-room";
  }
  return "";
}

}  // namespace flashstore::partition
