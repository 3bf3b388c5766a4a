// What a synthetic table tells of the patients it was learnt from, as far as distances show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "host/evaluate/privacy/attack_power.hpp"
#include "host/evaluate/privacy/attribute_inference.hpp"
#include "host/evaluate/privacy/copies.hpp"
#include "host/evaluate/privacy/membership.hpp"
#include "host/evaluate/privacy/singling_out.hpp"

namespace agon::host {

struct PrivacyOptions {
  CopiesOptions copies;
  ClosestOptions closest;
  MembershipOptions membership;
  PanelOptions panel;
  InferenceOptions inference;
  SinglingOutOptions singling_out;

  void set_seed(std::uint64_t seed);
};

/// In the regulators' words: identity (copies, singling out), membership, attribute disclosure. What needs
/// rows that the generator never saw is absent without them.
struct Privacy {
  Copies copies;
  std::optional<AttackPanel> membership;
  std::optional<AttributeInference> inference;
  std::optional<SinglingOut> singling_out;
  std::optional<ClosestRecords> closest;
  std::vector<std::string> missing;  ///< one line each: what could not be measured, and why
};

/// `more_attacks`: scores of other attacks of the rows of `game` (membership.hpp), which must be that of
/// these tables and options; they are judged beside the six. Throws DataError, DeviceError.
Privacy measure_privacy(const Device& device, const ComparedTables& tables, const DistanceTables& points,
                        const PrivacyOptions& options = {},
                        const std::vector<AttackScores>& more_attacks = {});

}  // namespace agon::host
