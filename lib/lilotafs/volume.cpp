#include "lilotafs/volume.h"

#include <algorithm>
#include <array>

#include "lilotafs/check.h"
#include "lilotafs/path.h"

namespace flashstore::lilotafs {

core::Result<MountReport, Error> Volume::mount(const MountOptions& options) {
  options_ = options;
  writer_ = {};
  damaged_ = false;
  MountReport report;
  const uint32_t erases = window_.erases();
  Error error = locate(report);
  const bool none_yet =
      (report.cases & (MountReport::kFormatted | MountReport::kFormatFinished)) != 0;
  if (error == Error::kNoFileSystem && none_yet && !options.read_only) {
    error = format(report);
  }
  checked_ = log_.tail;
  if (error == Error::kOk && !options.read_only) {
    error = recover(report);
  }
  if (error != Error::kOk) {
    return error;
  }
  mounted_ = true;
  report.head = log_.head;
  report.tail = log_.tail;
  report.erases = static_cast<uint16_t>(window_.erases() - erases);
  return report;
}

Error Volume::unmount() {
  Error error = Error::kOk;
  if (mounted_ && writer_.reserved) {
    error = give_up(read_record(window_, descriptors_[writer_.descriptor].record));
  }
  writer_ = {};
  Reader::unmount();
  return error;
}

Error Volume::may_write() const {
  return !mounted_                  ? Error::kNotMounted
         : options_.read_only       ? Error::kReadOnly
         : damaged_                 ? Error::kDamaged
         : writer_.descriptor != -1 ? Error::kWriterOpen
                                    : Error::kOk;
}

core::Result<int, Error> Volume::open(std::string_view path, Access access, uint32_t expected) {
  if (access == Access::kRead) {
    return Reader::open(path);
  }
  if (const Error error = may_write(); error != Error::kOk) {
    return error;
  }
  const std::string_view name = without_leading_slashes(path);
  if (!is_file_name(name)) {
    return Error::kInvalidName;
  }
  Lookup found;
  if (const Error error = look_up(name, found); error != Error::kOk) {
    return error;
  }
  const bool is_new = !found.file.named();
  if (is_new && (found.directory.named() || !found.parent || access != Access::kCreate)) {
    return found.directory.named() ? Error::kIsDirectory
           : !found.parent         ? Error::kNoDirectory
                                   : Error::kNotFound;
  }

  writer_ = {};
  writer_.overhead = worst_size(name, 0);
  const bool executable = is_executable(name);
  writer_.demand = {writer_.overhead, executable || !is_new ? writer_.overhead : 0,
                    found.live_bytes, found.largest};
  if (!is_new) {
    writer_.demand.old += found.file.length;
  }
  if (executable && !could_fit({writer_.overhead, writer_.overhead, 0, 0})) {
    return Error::kNoBinary;
  }
  // Without a better guess, the new content is as long as the old one.
  expected = std::max(expected, found.file.length);
  expected = std::min(expected, window_.size());
  writer_.old = is_new ? kNowhere : found.file.address;
  Error error = make_room(writer_.demand, writer_.overhead + expected);
  Demand wish = writer_.demand;
  wish.bytes += expected;
  Record record;
  core::Result<int, Error> descriptor = Error::kTooManyOpen;
  if (error == Error::kOk) {
    descriptor = allocate(Use::kWrite, record);
    error = descriptor ? reserve(name, fits(wish) ? expected : 0, record) : descriptor.error();
  }
  if (error != Error::kOk) {
    if (descriptor) {
      Reader::close(descriptor.value());
    }
    writer_ = {};
    return error;
  }
  descriptors_[descriptor.value()] = {Use::kWrite, record.address, record.data, 0, 0};
  writer_.descriptor = descriptor.value();
  writer_.reserved = true;
  writer_.check =
      add_to_check(kCheckInitial, {reinterpret_cast<const uint8_t*>(name.data()), name.size()});
  return descriptor;
}

// Begins the file being written anew, where `length` bytes will fit.
Error Volume::relocate(uint32_t length) {
  Descriptor& file = descriptors_[writer_.descriptor];
  Demand demand = writer_.demand;
  demand.bytes = writer_.overhead + length;
  // What has been written stays readable in a dead record.
  Record record = read_record(window_, file.record);
  std::array<char, kMaxNameBytes + 1> name_bytes;
  const std::string_view found = read_name(window_, record);
  std::copy(found.begin(), found.end(), name_bytes.begin());
  const std::string_view name(name_bytes.data(), found.size());
  writer_.reserved = false;
  if (const Error error = give_up(record, file.data + file.length); error != Error::kOk) {
    return error;
  }
  // With some to spare, lest every write come here.
  if (const Error error = make_room(demand, demand.bytes + length); error != Error::kOk) {
    return error;
  }
  Demand wish = demand;
  wish.bytes += length;
  Error error = reserve(name, fits(wish) ? 2 * length : length, record);
  if (error == Error::kOk) {
    error = copy_data(file.data, file.length, record.data);
  }
  file.record = record.address;
  file.data = record.data;
  writer_.reserved = true;
  return error;
}

Error Volume::write(int number, std::span<const uint8_t> bytes) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  if (file->use != Use::kWrite) {
    return Error::kNotWritable;
  }
  if (writer_.error != Error::kOk || bytes.empty()) {
    return writer_.error;
  }
  if (bytes.size() > window_.size() - file->length) {
    return writer_.error = Error::kNoSpace;
  }
  const uint32_t length = file->length + static_cast<uint32_t>(bytes.size());
  const bool wrapped = file->record < log_.head;
  Demand demand = writer_.demand;
  demand.bytes = writer_.overhead + length;
  const uint32_t end = round_up(file->data + length, kAlignment);
  const bool stays = (wrapped || end <= window_.size() - kOriginalTailBytes) &&
                     leaves_room({end, wrapped}, demand);
  Error error = demand.grows() && !could_fit(demand) ? Error::kNoSpace
                : stays                              ? Error::kOk
                                                     : relocate(length);
  if (error == Error::kOk) {
    error = prepare(file->data + length);
  }
  if (error == Error::kOk) {
    error = program(file->data + file->length, bytes);
  }
  if (error != Error::kOk) {
    return writer_.error = error;
  }
  file->length = length;
  writer_.check = add_to_check(writer_.check, bytes);
  return Error::kOk;
}

Error Volume::close(int number) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  if (file->use != Use::kWrite) {
    return Reader::close(number);
  }
  const Writer writer = writer_;
  writer_ = {};
  file->use = Use::kFree;
  Record record = read_record(window_, file->record);
  if (writer.error != Error::kOk) {
    if (writer.reserved) {
      give_up(record);  // or the next mount does
    }
    return writer.error;
  }
  record.length = file->length;
  const uint8_t check =
      options_.check_bytes ? stored_check(writer.check, record.length) : kCheckErased;
  if (const Error error = commit(record, writer.old, kStatusCommitted, check);
      error != Error::kOk) {
    return error;
  }
  record = read_record(window_, record.address);
  if (writer.old != kNowhere) {
    index_.remove(writer.old);
  }
  index_.add(record, read_name(window_, record));
  return Error::kOk;
}

Error Volume::mkdir(std::string_view path) {
  if (const Error error = may_write(); error != Error::kOk) {
    return error;
  }
  const std::string_view bare = without_trailing_slash(without_leading_slashes(path));
  if (!is_file_name(bare) || bare.size() == kMaxNameBytes) {
    return Error::kInvalidName;
  }
  Lookup found;
  if (const Error error = look_up(bare, found); error != Error::kOk) {
    return error;
  }
  if (found.file.named() || found.directory.named()) {
    return Error::kExists;
  }
  if (!found.parent) {
    return Error::kNoDirectory;
  }
  std::array<char, kMaxNameBytes> name_bytes;
  std::copy(bare.begin(), bare.end(), name_bytes.begin());
  name_bytes[bare.size()] = '/';
  const std::string_view name(name_bytes.data(), bare.size() + 1);
  const Demand demand{worst_size(name, 0), 0, found.live_bytes, found.largest};
  Record record;
  Error error = make_room(demand, 0);
  if (error == Error::kOk) {
    error = reserve(name, 0, record);
  }
  if (error != Error::kOk) {
    return error;
  }
  const uint8_t sum =
      add_to_check(kCheckInitial, {reinterpret_cast<const uint8_t*>(name.data()), name.size()});
  error = commit(record, kNowhere, kStatusDeleted,
                 options_.check_bytes ? stored_check(sum, 0) : kCheckErased);
  record.status = kStatusCommitted;
  index_.add(record, name);
  return error;
}

Error Volume::remove(std::string_view path) {
  if (const Error error = may_write(); error != Error::kOk) {
    return error;
  }
  const std::string_view bare = without_trailing_slash(without_leading_slashes(path));
  Lookup found;
  if (const Error error = look_up(bare, found); error != Error::kOk) {
    return error;
  }
  const bool is_file = found.file.named() && !path.ends_with('/');
  if (!is_file && !found.directory.named()) {
    return Error::kNotFound;
  }
  const Record& last = is_file ? found.file : found.directory;
  const size_t size = bare.size() + !is_file;
  // Older versions of the same name go first, lest one come to light.
  for (bool burying : {false, true}) {
    Cursor cursor{.address = log_.head};
    Record file;
    std::string_view name;
    while (next_file(cursor, file, name)) {
      if (!name.starts_with(bare) ||
          (!is_file && (name.size() < size || name[bare.size()] != '/'))) {
        continue;
      }
      if (!is_file && name.size() > size) {
        return Error::kNotEmpty;
      }
      if (burying && name.size() == size && file.address != last.address) {
        if (const Error error = bury(file.address, file.status); error != Error::kOk) {
          return error;
        }
        index_.remove(file.address);
        cursor = {.address = log_.head};
      }
    }
    if (cursor.failed) {
      return Error::kIo;
    }
  }
  const Error error = bury(last.address, last.status);
  index_.remove(last.address);
  return error;
}

}  // namespace flashstore::lilotafs
