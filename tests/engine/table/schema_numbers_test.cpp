// What is inferred of columns of numbers: marks, units, kinds, steps, sentinels.
#include <gtest/gtest.h>

#include "tests/engine/table/table_of.hpp"

namespace agon::test {
namespace schema_numbers_test {

std::string decimal(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string with_comma(std::string text) {
  std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

TEST(SchemaNumbers, MeasurementsAreContinuousEvenIfAllDiffer) {
  const OneColumn x(
      cells_of(500, [](int row) { return decimal(10 + row * 0.37 + scrambled(row, 30) * 0.01, 2); }));
  EXPECT_EQ(x.schema().kind, ColumnKind::continuous);
  EXPECT_EQ(x.schema().number.decimals, 2);
  EXPECT_EQ(x.schema().number.step, 0);
  EXPECT_EQ(x.findings(), "");
}

TEST(SchemaNumbers, WholeNumbersThatAllDifferAreNoIdentifierByThemselves) {
  const auto cells =
      cells_of(300, [](int row) { return std::to_string(70000 + row * 371 + scrambled(row, 300)); });
  EXPECT_EQ(OneColumn(cells, "fnlwgt").schema().kind, ColumnKind::continuous);
  EXPECT_EQ(OneColumn(cells, "mrn").schema().kind, ColumnKind::identifier);
  EXPECT_EQ(OneColumn(cells, "patientId").schema().kind, ColumnKind::identifier);
  EXPECT_EQ(OneColumn(cells, "case").schema().kind, ColumnKind::continuous);  // no narrow run
}

TEST(SchemaNumbers, NarrowRunsNamedAsRecordsAreIdentifiers) {
  const auto cells = cells_of(300, [](int row) { return std::to_string(100 + (row * 7) % 300); });
  EXPECT_EQ(OneColumn(cells, "case").schema().kind, ColumnKind::identifier);
  EXPECT_EQ(OneColumn(cells, "Record No").schema().kind, ColumnKind::identifier);
  EXPECT_EQ(OneColumn(cells, "platelets").schema().kind, ColumnKind::continuous);
}

TEST(SchemaNumbers, RowNumbersAreIdentifiersWhateverTheirName) {
  const OneColumn x(cells_of(60, [](int row) { return std::to_string(row + 5); }), "weight");
  EXPECT_EQ(x.schema().kind, ColumnKind::identifier);
  EXPECT_TRUE(has(x.findings(), "note: names records"));
}

TEST(SchemaNumbers, NamesOfRecordsThatRepeatAreToldOf) {
  const OneColumn x(cells_of(600, [](int row) { return std::to_string(5000 + row / 3 * 17); }), "patient_id");
  EXPECT_EQ(x.schema().kind, ColumnKind::continuous);
  EXPECT_TRUE(has(x.findings(), "warning: is named as if it named records"));
}

TEST(SchemaNumbers, NumbersBeyondDoublesKeepTheirSpelling) {
  const OneColumn distinct(
      cells_of(100, [](int row) { return "3003380732416" + std::to_string(10000 + row * 3); }));
  EXPECT_EQ(distinct.schema().kind, ColumnKind::identifier);
  EXPECT_TRUE(has(distinct.findings(), "beyond 2^53"));
  const OneColumn repeated(
      cells_of(100, [](int row) { return "30033807324160000" + std::to_string(row % 4); }));
  EXPECT_EQ(repeated.schema().kind, ColumnKind::category);
}

TEST(SchemaNumbers, ARowForEachAgeOrYearNamesNoRecord) {
  const auto from = [](int first, const char* name) {
    return OneColumn(cells_of(60, [=](int row) { return std::to_string(first + row); }), name).schema().kind;
  };
  EXPECT_EQ(from(16, "age"), ColumnKind::continuous);
  EXPECT_EQ(from(1901, "year"), ColumnKind::continuous);
  EXPECT_EQ(from(1901, "patient_id"), ColumnKind::identifier);
  EXPECT_EQ(from(1, "n"), ColumnKind::identifier);
  EXPECT_EQ(from(1001, "n"), ColumnKind::identifier);
  EXPECT_EQ(from(90, "n"), ColumnKind::identifier);
}

TEST(SchemaNumbers, AHeapOfAFewRowsIsNone) {
  const OneColumn x(cells_of(200, [](int row) { return row < 4 ? std::to_string(24 + 3 * row) : ""; }));
  EXPECT_FALSE(has(x.findings(), "learnt as a level"));
}

TEST(SchemaNumbers, SignsAreNoSentinels) {
  const auto found = [](int every) {
    return OneColumn(
               cells_of(300, [=](int row) { return row % every == 0 ? "-1" : std::to_string(row % 2); }))
        .schema()
        .sentinels;
  };
  EXPECT_EQ(found(3), Numbers{});
  EXPECT_EQ(found(30), Numbers{-1});
}

TEST(SchemaNumbers, CountsStartAtZeroOrOne) {
  const auto from = [](int first) {
    return OneColumn(cells_of(400, [=](int row) { return std::to_string(first + scrambled(row, 40)); }))
        .schema()
        .kind;
  };
  EXPECT_EQ(from(0), ColumnKind::count);
  EXPECT_EQ(from(1), ColumnKind::count);
  EXPECT_EQ(from(18), ColumnKind::continuous);
  EXPECT_EQ(from(-3), ColumnKind::continuous);
}

TEST(SchemaNumbers, FewValuesAreCodes) {
  const std::vector<std::string> codes = {"1", "2", "5", "9", "12.5"};
  EXPECT_EQ(OneColumn(cells_of(100, [&](int row) { return codes[static_cast<std::size_t>(row % 5)]; }))
                .schema()
                .kind,
            ColumnKind::code);
  // A handful of rows shows few values of anything.
  EXPECT_EQ(OneColumn({"31", "63", "81", "36", "31", "63", "44"}).schema().kind, ColumnKind::continuous);
}

TEST(SchemaNumbers, StepsHoldForAllValuesOrAreNone) {
  const auto steps = [](double step, double offset, int decimals, bool spoilt = false) {
    const OneColumn x(cells_of(400, [=](int row) {
      return decimal(spoilt && row == 7 ? 63.7 : offset + step * (20 + scrambled(row, 40)), decimals);
    }));
    return std::pair(x.schema().number.step, x.schema().number.offset);
  };
  EXPECT_EQ(steps(5, 0, 0), std::pair(5.0, 0.0));
  EXPECT_EQ(steps(2, 1, 0), std::pair(2.0, 1.0));
  EXPECT_EQ(steps(0.5, 0, 1), std::pair(0.5, 0.0));
  EXPECT_EQ(steps(0.25, 0, 2), std::pair(0.25, 0.0));
  EXPECT_EQ(steps(12.5, 2.5, 1), std::pair(12.5, 2.5));
  EXPECT_EQ(steps(1, 0, 0), std::pair(0.0, 0.0));
  EXPECT_EQ(steps(5, 0, 1, true), std::pair(0.0, 0.0));
}

TEST(SchemaNumbers, HabitsOfRoundingAreToldOf) {
  const OneColumn x(cells_of(400, [](int row) {
    return std::to_string(90 + scrambled(row, 50) / (row % 9 ? 5 : 1) * (row % 9 ? 5 : 1));
  }));
  EXPECT_EQ(x.schema().number.step, 0);
  EXPECT_TRUE(has(x.findings(), "note: multiples of 5 in "));
}

TEST(SchemaNumbers, ManyZerosAreToldOf) {
  const OneColumn x(
      cells_of(400, [](int row) { return row % 5 < 3 ? "0" : std::to_string(1 + scrambled(row, 60)); }));
  EXPECT_EQ(x.schema().kind, ColumnKind::count);
  EXPECT_TRUE(has(x.findings(), "note: 0 in 240 rows (60.0%)"));
}

TEST(SchemaNumbers, IsolatedRepeatedExtremesAreSentinels) {
  const auto found = [](std::string_view code, auto&& value) {
    return OneColumn(cells_of(300, [&](int row) { return row % 30 == 0 ? std::string(code) : value(row); }))
        .schema()
        .sentinels;
  };
  const auto haemoglobin = [](int row) { return decimal(8 + scrambled(row, 90) * 0.1, 1); };
  const auto age = [](int row) { return std::to_string(18 + scrambled(row, 80)); };
  const auto excess = [](int row) { return decimal(-9 + scrambled(row, 180) * 0.1, 1); };
  EXPECT_EQ(found("-999", haemoglobin), (Numbers{-999}));
  EXPECT_EQ(found("99.9", haemoglobin), (Numbers{99.9}));
  EXPECT_EQ(found("-9", age), (Numbers{-9}));
  EXPECT_EQ(found("999", age), (Numbers{999}));
  EXPECT_EQ(found("8888", age), (Numbers{8888}));
  EXPECT_EQ(found("-99", excess), (Numbers{-99}));
  EXPECT_TRUE(found("99", age).empty());     // an age
  EXPECT_TRUE(found("-9", excess).empty());  // a base excess
  EXPECT_TRUE(found("500", age).empty());    // an error, but no usual code
}

TEST(SchemaNumbers, OneExtremeRowIsNoSentinel) {
  const OneColumn x(
      cells_of(300, [](int row) { return row == 5 ? "999" : std::to_string(18 + scrambled(row, 80)); }));
  EXPECT_TRUE(x.schema().sentinels.empty());
}

TEST(SchemaNumbers, SentinelsAreWarnedOfAndSpoilNeitherStepNorSpelling) {
  const OneColumn x(cells_of(
      300, [](int row) { return row % 30 == 0 ? "-999" : decimal(20 + scrambled(row, 60) * 5, 1); }));
  EXPECT_EQ(x.schema().number.step, 5);
  EXPECT_TRUE(has(x.findings(), "warning: -999 in 10 rows (3.3%)"));
  EXPECT_TRUE(has(x.findings(), "list \"-999\" under missing"));
  EXPECT_EQ(spell(35, x.schema()), "35.0");
  EXPECT_EQ(spell(-999, x.schema()), "-999");
}

TEST(SchemaNumbers, DecimalCommasAndThousands) {
  const auto format = [](auto&& cell) { return OneColumn(cells_of(200, cell)).schema().number; };
  const NumberFormat comma = format([](int row) { return with_comma(decimal(3 + row * 0.11, 2)); });
  EXPECT_EQ(comma.mark, ',');
  EXPECT_EQ(comma.group, '\0');
  const NumberFormat english = format(
      [](int row) { return std::to_string(1 + row % 9) + ",234," + std::to_string(100 + row) + ".5"; });
  EXPECT_EQ(english.mark, '.');
  EXPECT_EQ(english.group, ',');
  const NumberFormat german = format(
      [](int row) { return std::to_string(1 + row % 9) + ".234." + std::to_string(100 + row) + ",5"; });
  EXPECT_EQ(german.mark, ',');
  EXPECT_EQ(german.group, '.');
  const NumberFormat swiss = format([](int row) { return "1'" + std::to_string(100 + row); });
  EXPECT_EQ(swiss.group, '\'');
  const NumberFormat french = format([](int row) { return "12\u202F" + std::to_string(100 + row) + ",25"; });
  EXPECT_EQ(french.mark, ',');
  EXPECT_EQ(french.group, ' ');
}

TEST(SchemaNumbers, TheWholeColumnDecidesWhatAMarkMeans) {
  const auto read_first = [](std::vector<std::string> cells) {
    const OneColumn x(std::move(cells));
    return read_column(x.table.columns[0], x.schema()).value[0];
  };
  const auto with_first = [](std::string first, auto&& cell) {
    auto cells = cells_of(100, cell);
    cells[0] = std::move(first);
    return cells;
  };
  EXPECT_EQ(read_first(with_first("1,234", [](int row) { return with_comma(decimal(1 + row * 0.5, 1)); })),
            1.234);
  EXPECT_EQ(read_first(with_first("1,234", [](int row) { return "1,234," + std::to_string(100 + row); })),
            1234);
  EXPECT_EQ(read_first(with_first("1.234", [](int row) { return decimal(1 + row * 0.5, 1); })), 1.234);
  EXPECT_EQ(read_first(with_first("1.234", [](int row) { return "1.234." + std::to_string(100 + row); })),
            1234);
}

TEST(SchemaNumbers, AmbiguousMarksAreWarnedOf) {
  const OneColumn comma(cells_of(100, [](int row) { return "1," + std::to_string(100 + row * 3); }));
  EXPECT_EQ(comma.schema().number.group, ',');
  EXPECT_TRUE(has(comma.findings(), "warning: ',' could mark decimals or thousands; read as thousands"));
}

TEST(SchemaNumbers, OtherColumnsSettleAmbiguousMarks) {
  const auto ambiguous = cells_of(100, [](int row) { return "1," + std::to_string(100 + row * 3); });
  const auto commas = cells_of(100, [](int row) { return with_comma(decimal(row * 0.7, 1)); });
  const TextTable table = make_table({{"dose", ambiguous}, {"weight", commas}});
  const Inferred inferred = infer_schema(table);
  EXPECT_EQ(inferred.schema.columns[0].number.mark, ',');
  EXPECT_EQ(inferred.schema.columns[0].number.group, '\0');
}

TEST(SchemaNumbers, MixedDecimalMarksAreReadAndWarnedOf) {
  const OneColumn x(cells_of(100, [](int row) {
    const std::string text = decimal(1 + row * 0.37, 2);
    return row % 10 == 0 ? with_comma(text) : text;
  }));
  const ReadColumn read = read_column(x.table.columns[0], x.schema());
  EXPECT_EQ(read.value[10], 4.7);
  EXPECT_TRUE(has(x.findings(), "warning: decimals are marked by '.', but by ',' in 10 rows"));
}

TEST(SchemaNumbers, UnitsAroundNumbers) {
  const auto unit = [](auto&& cell) {
    const OneColumn x(cells_of(200, cell));
    EXPECT_TRUE(x.schema().is_number());
    EXPECT_TRUE(has(x.findings(), "note: numbers carry the unit"));
    return x.schema().number.before + "|" + x.schema().number.after;
  };
  EXPECT_EQ(unit([](int row) { return std::to_string(row * 3) + " mg"; }), "| mg");
  EXPECT_EQ(unit([](int row) { return "$" + std::to_string(row * 3); }), "$|");
  EXPECT_EQ(unit([](int row) { return decimal(35 + row * 0.03, 1) + " \u00B0C"; }), "| \u00B0C");
  EXPECT_EQ(unit([](int row) { return std::to_string(row % 101) + "%"; }), "|%");
  EXPECT_EQ(unit([](int row) { return row % 7 ? std::to_string(row) + " kg/m2" : std::to_string(row); }),
            "| kg/m2");
}

TEST(SchemaNumbers, OtherUnitsBecomeMarksWithAWarning) {
  const OneColumn x(cells_of(400, [](int row) { return std::to_string(row) + (row == 9 ? " g" : " mg"); }));
  EXPECT_EQ(x.schema().marks, (Texts{"9 g"}));
  EXPECT_TRUE(has(x.findings(), "warning: numbers with another unit in 1 row"));
}

TEST(SchemaNumbers, LimitsOfMeasurementAreMarks) {
  const OneColumn x(cells_of(200, [](int row) {
    return row % 4 == 0    ? "<0.5"
           : row % 50 == 1 ? "> 100"
           : row % 50 == 2 ? "\u22645"
                           : decimal(1 + row * 0.3, 1);
  }));
  EXPECT_EQ(x.schema().kind, ColumnKind::continuous);
  EXPECT_EQ(x.schema().marks, (Texts{"<0.5", "> 100", "\u22645"}));
  EXPECT_EQ(x.schema().marks[0], "<0.5");
  EXPECT_TRUE(has(x.findings(), "note: limits of measurement among numbers in 56 rows (28.0%): '<0.5'"));
}

TEST(SchemaNumbers, MostCellsMayLieBelowALimit) {
  const OneColumn x(
      cells_of(300, [](int row) { return row % 10 < 7 ? "<20" : std::to_string(20 + row * 37); }));
  EXPECT_EQ(x.schema().kind, ColumnKind::continuous);
  EXPECT_EQ(x.schema().marks, (Texts{"<20"}));
}

TEST(SchemaNumbers, RareWordsAreMarksManyMakeACategory) {
  const OneColumn rare(
      cells_of(400, [](int row) { return row % 200 == 3 ? "pending" : decimal(row * 0.7, 1); }));
  EXPECT_EQ(rare.schema().marks, (Texts{"pending"}));
  EXPECT_TRUE(has(rare.findings(),
                  "warning: words among numbers in 2 rows (0.5%): 1 that fewer than 5 rows have -> move"));
  EXPECT_EQ(infer_schema(rare.table, Examples::any).findings.at(0).what,
            "words among numbers in 2 rows (0.5%): 'pending'");
  const OneColumn grades(
      cells_of(400, [](int row) { return row % 4 == 3 ? "3+" : std::to_string(row % 4); }));
  EXPECT_EQ(grades.schema().kind, ColumnKind::category);
}

TEST(SchemaNumbers, ForeignMinusAndSigns) {
  const OneColumn x(
      cells_of(200, [](int row) { return (row % 2 ? "\u2212" : "+") + decimal(row * 0.1, 1); }));
  const ReadColumn read = read_column(x.table.columns[0], x.schema());
  EXPECT_EQ(read.value[3], -0.3);
  EXPECT_EQ(read.value[4], 0.4);
  EXPECT_TRUE(has(x.findings(), "note: minus is U+2212 instead of '-' in 100 rows"));
}

TEST(SchemaNumbers, TooLargeIsAnErrorTooSmallIsZero) {
  const OneColumn x(cells_of(200, [](int row) {
    return row == 3 ? "1e400" : row == 4 ? "1e-400" : std::to_string(row + 7);
  }));
  EXPECT_TRUE(has(x.findings(), "error: beyond 1e300 in 1 row"));
  EXPECT_TRUE(has(x.findings(), "note: too small for a double in 1 row"));
  EXPECT_THROW(read_column(x.table.columns[0], x.schema()), std::runtime_error);
}

TEST(SchemaNumbers, LeadingZerosKeepTheirSpelling) {
  const OneColumn postcodes(cells_of(400, [](int row) { return "0" + std::to_string(1000 + row % 40 * 7); }));
  EXPECT_EQ(postcodes.schema().kind, ColumnKind::category);
  const OneColumn distinct(cells_of(60, [](int row) { return "0" + std::to_string(1000 + row * 37); }));
  EXPECT_EQ(distinct.schema().kind, ColumnKind::identifier);
  const OneColumn fractions(cells_of(60, [](int row) { return "0." + std::to_string(1000 + row * 37); }));
  EXPECT_EQ(fractions.schema().kind, ColumnKind::continuous);
}

}  // namespace schema_numbers_test
}  // namespace agon::test
