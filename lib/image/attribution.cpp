#include "image/attribution.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "image/attribution_names.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"

namespace flashstore::image {
namespace {

using luaflash::ImageView;

constexpr uint32_t kImageOwner = 0;
constexpr uint32_t kSharedOwner = 1;
constexpr uint32_t kMasterOwner = 2;
constexpr uint32_t kMainChunkDepth = 1;  // the master's is 0
constexpr uint32_t kUnclaimed = UINT32_MAX;

// An object of the image: words that got their owner together.
struct Claim {
  uint32_t offset;
  uint32_t words;
  uint32_t owner;
  Kind kind;
};

// Further facts about a claim that is a string.
struct StringUse {
  uint32_t claim;
  bool as_line_map = false;
  bool as_text = false;
  uint64_t fingerprint = 0;  // 0: not known yet
};

// A function that is still to be looked at.
struct Pending {
  uint32_t proto;
  uint32_t parent;  // owner
  uint32_t module;  // owner
  uint32_t depth;
  std::string name;
};

class Fingerprint {
 public:
  void add(uint64_t value) {
    state_ = (state_ ^ value) * 0x9E3779B97F4A7C15u;
    state_ ^= state_ >> 32;
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0x243F6A8885A308D3u;
};

uint64_t fingerprint_of(std::span<const uint8_t> bytes) {
  Fingerprint fingerprint;
  fingerprint.add(bytes.size());
  uint64_t value = 0;
  for (; bytes.size() >= sizeof value; bytes = bytes.subspan(sizeof value)) {
    std::memcpy(&value, bytes.data(), sizeof value);
    fingerprint.add(value);
  }
  value = 0;
  if (!bytes.empty()) {
    std::memcpy(&value, bytes.data(), bytes.size());
  }
  fingerprint.add(value);
  return fingerprint.value() | 1;
}

class Attributor {
 public:
  explicit Attributor(const ImageView& image)
      : image_(image), claim_of_(image.words(), kUnclaimed) {}

  Attribution run() {
    out_.payload_bytes = image_.bytes().size() + image_.rest().size();
    for (const OwnerType type : {OwnerType::kImage, OwnerType::kShared, OwnerType::kMaster}) {
      out_.owners.push_back({.type = type});
    }
    module_of_ = {kImageOwner, kSharedOwner, kMasterOwner};
    claim({0, luaflash::kHeaderWords}, kImageOwner, Kind::kHeader);
    claim_strings();
    claim_functions();
    settle_strings();
    list_ranges();
    sum_up();
    return std::move(out_);
  }

 private:
  bool is_free(uint32_t word) const {
    return word < claim_of_.size() && claim_of_[word] == kUnclaimed;
  }

  // Makes `wanted` words the owner's, up to the first that has one already, and returns those: each
  // word is claimed once, so all the work that follows claims is in proportion to the image.
  Words claim(Words wanted, uint32_t owner, Kind kind) {
    const auto id = static_cast<uint32_t>(claims_.size());
    uint32_t count = 0;
    for (; count < wanted.count && is_free(wanted.offset + count); ++count) {
      claim_of_[wanted.offset + count] = id;
    }
    if (count != 0) {
      claims_.push_back({wanted.offset, count, owner, kind});
    }
    out_.broken_references += count < wanted.count;
    return {wanted.offset, count};
  }

  // --- strings ---

  // All strings of the hash vector; nobody has used them yet.
  void claim_strings() {
    const Words slots =
        claim({luaflash::kHeaderWords, image_.hash_slots()}, kImageOwner, Kind::kHashVector);
    for (uint32_t i = 0; i < slots.count; ++i) {
      uint32_t reference = slots.offset + i;
      while (image_.word(reference) != 0) {
        const uint32_t string = image_.target(reference);
        if (claim_string(string) == nullptr) {
          ++out_.broken_references;
          break;
        }
        reference = string + luaflash::kStringNext;
      }
    }
  }

  // The string at `offset`, if there is one and it is nobody's.
  StringUse* claim_string(uint32_t offset) {
    const auto string = image_.string_at(offset);
    if (!string || !is_free(offset)) {
      return nullptr;
    }
    const auto id = static_cast<uint32_t>(claims_.size());
    claim({offset, string->end - offset}, kNoOwner, Kind::kStrings);
    use_of_.resize(claims_.size(), kUnclaimed);
    use_of_[id] = static_cast<uint32_t>(uses_.size());
    uses_.push_back({.claim = id});
    return &uses_.back();
  }

  StringUse* string_at(uint32_t offset) {
    if (offset == 0 || is_free(offset)) {
      return claim_string(offset);
    }
    const uint32_t id = claim_of_[offset];
    const bool is_string = id < use_of_.size() && use_of_[id] != kUnclaimed;
    return is_string && claims_[id].offset == offset ? &uses_[use_of_[id]] : nullptr;
  }

  // `owner` uses the string at `offset`, which the word at `reference` leads to.
  StringUse* use_string(uint32_t reference, uint32_t offset, uint32_t owner) {
    if (image_.word(reference) == 0) {
      return nullptr;
    }
    StringUse* use = string_at(offset);
    if (use == nullptr) {
      ++out_.broken_references;
      return nullptr;
    }
    uint32_t& current = claims_[use->claim].owner;
    if (current == kNoOwner) {
      current = owner;
    } else if (current != owner) {
      current = module_of_[current] == module_of_[owner] ? module_of_[owner] : kSharedOwner;
    }
    return use;
  }

  void use_text(uint32_t reference, uint32_t owner) {
    StringUse* use = use_string(reference, image_.target(reference), owner);
    if (use != nullptr) {
      use->as_text = true;
    }
  }

  void use_line_map(uint32_t reference, uint32_t offset, uint32_t owner) {
    StringUse* use = use_string(reference, offset, owner);
    if (use != nullptr) {
      use->as_line_map = true;
    }
  }

  void settle_strings() {
    for (const StringUse& use : uses_) {
      Claim& claim = claims_[use.claim];
      claim.owner = claim.owner == kNoOwner ? kImageOwner : claim.owner;
      claim.kind = use.as_line_map && !use.as_text ? Kind::kLineMap : Kind::kStrings;
    }
  }

  // --- functions ---

  void claim_functions() {
    pending_.push_back({image_.main(), kNoOwner, kMasterOwner, 0, ""});
    while (!pending_.empty()) {
      Pending next = std::move(pending_.back());
      pending_.pop_back();
      const auto proto = image_.proto_at(next.proto);
      if (!proto || next.depth > kMaxDepth || !is_free(next.proto)) {
        ++out_.broken_references;
        continue;
      }
      claim_function(*proto, owner_for(std::move(next)), next.depth);
    }
  }

  uint32_t add_owner(Owner owner, uint32_t module) {
    const auto index = static_cast<uint32_t>(out_.owners.size());
    out_.owners.push_back(std::move(owner));
    module_of_.push_back(module == kNoOwner ? index : module);
    return index;
  }

  // The function is the master, a main chunk, which comes in a new module, or inside another.
  uint32_t owner_for(Pending function) {
    if (function.parent == kNoOwner) {
      return kMasterOwner;
    }
    if (function.parent == kMasterOwner) {
      function.parent = function.module = add_owner(
          {.type = OwnerType::kModule, .name = std::exchange(function.name, "")}, kNoOwner);
    }
    return add_owner(
        {.type = OwnerType::kFunction, .parent = function.parent, .name = std::move(function.name)},
        function.module);
  }

  void claim_function(const luaflash::ProtoObject& proto, uint32_t index, uint32_t depth) {
    const auto vector = [&](luaflash::Objects objects, uint32_t words, Kind kind) {
      return claim({objects.offset, objects.count * words}, index, kind);
    };
    claim({proto.offset, luaflash::kProtoWords}, index, Kind::kProto);
    const Words children = vector(proto.children, 1, Kind::kChildren);
    const Words constants = vector(proto.constants, image_.tvalue_words(), Kind::kConstants);
    const Words code = vector(proto.code, 1, Kind::kCode);
    const Words locals = vector(proto.locals, luaflash::kLocalWords, Kind::kLocals);
    const Words upvalues = vector(proto.upvalue_names, 1, Kind::kUpvalueNames);

    use_text(proto.offset + luaflash::kProtoSource, index);
    use_line_map(proto.offset + luaflash::kProtoLineMap, proto.line_map, index);
    for (uint32_t i = 0; i < locals.count; i += luaflash::kLocalWords) {
      use_text(locals.offset + i + luaflash::kLocalName, index);
    }
    for (uint32_t i = 0; i < upvalues.count; ++i) {
      use_text(upvalues.offset + i, index);
    }

    Fingerprint fingerprint;
    fingerprint.add(image_.word(proto.offset + luaflash::kProtoTraits));
    for (uint32_t i = 0; i < code.count; ++i) {
      fingerprint.add(image_.word(code.offset + i));
    }
    use_constants(constants, index, fingerprint);

    Owner& owner = out_.owners[index];
    owner.proto = proto.offset;
    owner.line_defined = proto.line_defined;
    owner.last_line_defined = proto.last_line_defined;
    owner.fingerprint = fingerprint.value();
    queue_children(children, code, constants, index, depth);
  }

  void use_constants(Words constants, uint32_t owner, Fingerprint& fingerprint) {
    const uint32_t words = image_.tvalue_words();
    for (uint32_t i = 0; i + words <= constants.count; i += words) {
      const uint32_t offset = constants.offset + i;
      const auto constant = image_.constant_at(offset);
      if (!constant) {
        ++out_.broken_references;
        continue;
      }
      fingerprint.add(constant->tag);
      if (constant->tag == luaflash::kTagString) {
        use_text(offset, owner);
        fingerprint.add(string_fingerprint(constant->string));
      } else {
        fingerprint.add(uint64_t{constant->high} << 32 | constant->low);
      }
      if (constant->tag == luaflash::kTagNumber && owner == kMasterOwner) {
        build_time_ = offset;
      }
    }
  }

  uint64_t string_fingerprint(uint32_t offset) {
    StringUse* use = string_at(offset);
    if (use == nullptr) {
      return 0;
    }
    if (use->fingerprint == 0) {
      use->fingerprint = fingerprint_of(image_.string_at(offset)->bytes);
    }
    return use->fingerprint;
  }

  // Last in, first out: the first child is pushed last.
  void queue_children(Words vector, Words code, Words constants, uint32_t owner, uint32_t depth) {
    std::vector<uint32_t> protos(vector.count);
    for (uint32_t i = 0; i < vector.count; ++i) {
      protos[i] = image_.target(vector.offset + i);
    }
    std::vector<std::string> names = owner == kMasterOwner
                                         ? names_of_modules(image_, constants, protos.size())
                                         : names_of_children(image_, code, constants, protos);
    const uint32_t module = module_of_[owner];
    const uint32_t parent = depth == kMainChunkDepth ? module : owner;
    for (size_t i = protos.size(); i-- > 0;) {
      pending_.push_back({protos[i], parent, module, depth + 1, std::move(names[i])});
    }
  }

  // --- the result ---

  void add_range(size_t offset, size_t bytes, uint32_t owner, Kind kind) {
    if (bytes != 0) {
      out_.ranges.push_back(
          {static_cast<uint32_t>(offset), static_cast<uint32_t>(bytes), owner, kind});
      out_.owners[owner].own[static_cast<size_t>(kind)] += bytes;
    }
  }

  void add_words(uint32_t offset, uint32_t end, uint32_t owner, Kind kind) {
    add_range(size_t{offset} * luaflash::kWordBytes, size_t{end - offset} * luaflash::kWordBytes,
              owner, kind);
  }

  void list_ranges() {
    for (uint32_t word = 0; word < image_.words();) {
      uint32_t end = word;
      if (is_free(word)) {
        while (is_free(end)) {
          ++end;
        }
        add_words(word, end, kImageOwner, Kind::kGap);
      } else {
        const Claim& claim = claims_[claim_of_[word]];
        end = word + claim.words;
        list_claim(claim);
      }
      word = end;
    }
    const bool has_bitmap = !image_.absolute() && !image_.dialect().chained;
    const size_t rest = image_.rest().size();
    const size_t image = image_.bytes().size();
    const size_t bitmap =
        has_bitmap ? std::min<size_t>(rest, luaflash::bitmap_words(static_cast<uint32_t>(image)) *
                                                luaflash::kWordBytes)
                   : 0;
    add_range(image, bitmap, kImageOwner, Kind::kBitmap);
    add_range(image + bitmap, rest - bitmap, kImageOwner, Kind::kGap);
  }

  // As a range; the master's constants as up to three, for one of them is the build time.
  void list_claim(const Claim& claim) {
    const uint32_t end = claim.offset + claim.words;
    if (claim.kind != Kind::kConstants || claim.owner != kMasterOwner || build_time_ == 0) {
      add_words(claim.offset, end, claim.owner, claim.kind);
      return;
    }
    const uint32_t time_end = build_time_ + image_.tvalue_words();
    add_words(claim.offset, build_time_, kMasterOwner, Kind::kConstants);
    add_words(build_time_, time_end, kMasterOwner, Kind::kBuildTime);
    add_words(time_end, end, kMasterOwner, Kind::kConstants);
  }

  void sum_up() {
    for (Owner& owner : out_.owners) {
      owner.total = owner.bytes = std::accumulate(owner.own.begin(), owner.own.end(), uint64_t{0});
      std::transform(owner.own.begin(), owner.own.end(), out_.by_kind.begin(), out_.by_kind.begin(),
                     std::plus<>());
    }
    for (size_t i = out_.owners.size();
         i-- > 0;) {  // what is inside comes behind what is around it
      const uint32_t parent = out_.owners[i].parent;
      if (parent != kNoOwner) {
        out_.owners[parent].total += out_.owners[i].total;
      }
    }
  }

  const ImageView& image_;
  Attribution out_;
  std::vector<uint32_t> claim_of_;  // of each word: index of its claim
  std::vector<Claim> claims_;
  std::vector<uint32_t> use_of_;  // of a claim that is a string: index into uses_
  std::vector<StringUse> uses_;
  std::vector<uint32_t> module_of_;  // of each owner: the one at the top it is inside of
  std::vector<Pending> pending_;
  uint32_t build_time_ = 0;  // offset of that constant; 0: none
};

constexpr std::array<const char*, kKinds> kKindNames = {
    "code",    "constants", "Proto",       "child vector", "line map", "locals", "upvalue names",
    "strings", "header",    "hash vector", "build time",   "bitmap",   "gap"};

}  // namespace

const char* name(Kind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

Attribution attribute(const ImageView& image) {
  return Attributor(image).run();
}

std::string label(const Owner& owner) {
  switch (owner.type) {
    case OwnerType::kImage:
      return "image";
    case OwnerType::kShared:
      return "shared";
    case OwnerType::kMaster:
      return "master";
    case OwnerType::kModule:
      return owner.name;
    case OwnerType::kFunction:
      break;
  }
  if (owner.line_defined == 0) {
    return "main chunk";
  }
  std::string lines = std::to_string(owner.line_defined);
  if (owner.last_line_defined != owner.line_defined) {
    lines += "-" + std::to_string(owner.last_line_defined);
  }
  return (owner.name.empty() ? "function" : owner.name) + " (" + lines + ")";
}

std::string path(const Attribution& attribution, uint32_t owner) {
  std::vector<uint32_t> way;
  for (uint32_t i = owner; i != kNoOwner; i = attribution.owners[i].parent) {
    way.push_back(i);
  }
  std::string text = label(attribution.owners[way.back()]);
  for (size_t i = way.size() - 1; i-- > 0;) {
    text += " > " + label(attribution.owners[way[i]]);
  }
  return text;
}

}  // namespace flashstore::image
