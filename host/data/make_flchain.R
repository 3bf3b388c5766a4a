#!/usr/bin/Rscript
# Writes flchain.csv, the bundled table of records, from the data frame in Debian's r-cran-survival: the same rows, columns and
# names, without row numbers; a missing value is an empty cell.
#
#     Rscript host/data/make_flchain.R > host/data/flchain.csv
options(scipen = 15)  # no exponents
stopifnot(identical(dim(survival::flchain), c(7874L, 11L)))
write.csv(survival::flchain, stdout(), row.names = FALSE, na = "", quote = FALSE)
