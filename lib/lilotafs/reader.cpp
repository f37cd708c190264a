#include "lilotafs/reader.h"

#include <algorithm>
#include <new>

namespace flashstore::lilotafs {

static_assert(sizeof(void*) != 4 || sizeof(Reader) <= 576);

Reader::Lookup::Lookup() = default;

Reader::Reader(core::NorFlash& flash, std::span<uint8_t> buffer, std::span<uint8_t> index)
    : window_(flash, buffer), index_(index) {}

Error Reader::locate(MountReport& report) {
  unmount();
  ++session_;
  if (window_.size() < kMinSectors * kSectorBytes) {
    return Error::kNoFileSystem;
  }
  switch ((new (&search_) HeadSearch(window_, index_))->run(log_)) {
    case Found::kLog:
      break;
    case Found::kBlank:
      report.cases |= MountReport::kFormatted;
      return Error::kNoFileSystem;
    case Found::kTornFormat:
      report.cases |= MountReport::kFormatFinished;
      return Error::kNoFileSystem;
    case Found::kForeign:
      return Error::kNoFileSystem;
    case Found::kUnreadable:
      return Error::kIo;
  }
  if (log_.searched) {
    report.found = MountReport::Head::kSearched;
  }
  if (log_.ambiguous) {
    report.cases |= MountReport::kAmbiguous;
  }
  report.head = log_.head;
  report.tail = log_.tail;
  report.records = log_.all.records;
  report.committed = log_.all.committed;
  return Error::kOk;
}

core::Result<MountReport, Error> Reader::mount() {
  MountReport report;
  if (const Error error = locate(report); error != Error::kOk) {
    return error;
  }
  mounted_ = true;
  return report;
}

void Reader::unmount() {
  mounted_ = false;
  descriptors_ = {};
}

bool Reader::next_file(Cursor& cursor, Record& file, std::string_view& name) {
  if (index_.complete()) {
    return index_.next(cursor.position, file, name);
  }
  while (cursor.address != log_.tail) {
    new (&file) Record(read_record(window_, cursor.address));
    if (!file.in_chain()) {
      cursor.failed = true;
      return false;
    }
    cursor.address = following(file);
    if (file.committed() || file.migrating()) {
      name = read_name(window_, file);
      return true;
    }
  }
  return false;
}

// Of two versions the later committed one counts; a migrating one only if it is alone.
void Reader::prefer(Record& known, const Record& found) const {
  if (known.kind != Record::Kind::kRecord ||
      (known.committed() == found.committed() ? place(found.address) > place(known.address)
                                              : found.committed())) {
    known = found;
  }
}

Error Reader::look_up(std::string_view name) {
  Lookup& result = *new (&found_) Lookup;
  const std::string_view parent = parent_of(name);
  result.parent = parent.empty();
  Cursor cursor{.address = log_.head};
  Record& file = result.last;
  std::string_view found;
  while (next_file(cursor, file, found)) {
    if (order(found, name) == 0) {
      prefer(result.file, file);
    } else if (found.size() == name.size() + 1 && found.back() == '/' && begins_with(found, name)) {
      prefer(result.directory, file);
    } else if (order(found, parent) == 0) {
      result.parent = true;
    }
    const uint32_t worst = worst_size(found, file.length);
    result.live_bytes += worst;
    result.largest = std::max(result.largest, worst);
  }
  return cursor.failed ? Error::kIo : Error::kOk;
}

Reader::Descriptor* Reader::descriptor(int number) {
  if (number < 0 || number >= kMaxOpen || descriptors_[number].use == Use::kFree) {
    return nullptr;
  }
  return &descriptors_[number];
}

core::Result<int, Error> Reader::allocate(Use use, const Record& record) {
  for (int number = 0; number < kMaxOpen; ++number) {
    if (descriptors_[number].use == Use::kFree) {
      descriptors_[number] = {use, record.address, record.data, record.length, 0};
      return number;
    }
  }
  return Error::kTooManyOpen;
}

Error Reader::look_up_file(std::string_view name) {
  if (!is_file_name(name)) {
    return Error::kInvalidName;
  }
  const Error error = look_up(name);
  return error != Error::kOk        ? error
         : found_.file.named()      ? Error::kOk
         : found_.directory.named() ? Error::kIsDirectory
         : found_.parent            ? Error::kNotFound
                                    : Error::kNoDirectory;
}

core::Result<int, Error> Reader::open(std::string_view path) {
  if (!mounted_) {
    return Error::kNotMounted;
  }
  if (const Error error = look_up_file(without_leading_slashes(path)); error != Error::kOk) {
    return error;
  }
  return allocate(Use::kRead, found_.file);
}

Error Reader::close(int number) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  file->use = Use::kFree;
  return Error::kOk;
}

core::Result<uint32_t, Error> Reader::read(int number, std::span<uint8_t> into) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  if (file->use == Use::kWrite) {
    return Error::kNotReadable;
  }
  const auto count =
      static_cast<uint32_t>(std::min<size_t>(into.size(), file->length - file->position));
  if (count > 0 && !window_.read(file->data + file->position, into.first(count))) {
    return Error::kIo;
  }
  file->position += count;
  return count;
}

core::Result<uint32_t, Error> Reader::seek(int number, int32_t offset, Whence whence) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  if (file->use == Use::kWrite) {
    return Error::kNotReadable;
  }
  const uint32_t base = whence == Whence::kCurrent ? file->position
                        : whence == Whence::kEnd   ? file->length
                                                   : 0;
  const uint32_t distance =
      offset < 0 ? 0u - static_cast<uint32_t>(offset) : static_cast<uint32_t>(offset);
  if (offset < 0 ? distance > base : distance > file->length - base) {
    return Error::kInvalidSeek;
  }
  file->position = offset < 0 ? base - distance : base + distance;
  return file->position;
}

core::Result<Extent, Error> Reader::map(int number) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  if (file->use == Use::kWrite) {
    return Error::kNotReadable;
  }
  file->use = Use::kMapped;
  return Extent{file->data, file->length};
}

core::Result<FileInfo, Error> Reader::stat(std::string_view path) {
  if (!mounted_) {
    return Error::kNotMounted;
  }
  const std::string_view name = without_leading_slashes(path);
  if (const Error error = look_up(name); error != Error::kOk) {
    return error;
  }
  const Record& record = found_.file.named() ? found_.file : found_.directory;
  if (name.empty() || !record.named()) {
    return Error::kNotFound;
  }
  const bool directory = &record == &found_.directory || name.back() == '/';
  return FileInfo{record.address, record.data, record.length, directory};
}

}  // namespace flashstore::lilotafs
