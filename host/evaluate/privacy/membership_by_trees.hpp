// A membership attack by boosted trees.
#pragma once

#include "host/evaluate/privacy/attack_power.hpp"
#include "host/evaluate/privacy/membership.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// A model learns to tell the game's synthetic rows from its reference rows; a target is the likelier a
/// member the more it looks synthetic. Named "trees". `tables` must have held-out rows. Source: the density
/// ratio of van Breugel, Sun, Qian, van der Schaar (DOMIAS, 2023), by a classifier.
AttackScores attack_by_trees(const ComparedTables& tables, const MembershipGame& game, int threads);

}  // namespace agon::host
