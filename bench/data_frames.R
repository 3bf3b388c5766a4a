# Writes the data frames of all R packages that are installed, as write.csv writes them, for readable.py.
#
#     Rscript data_frames.R FOLDER ROWS COLUMNS [LIBRARY...]
#
# Those with fewer rows or columns are left out. Files are PACKAGE.NAME.csv. Standard output has a line for each data frame
# that cannot be written: package, name, reason. Further libraries are folders of packages that need not be loadable: only their
# data is used.
words <- commandArgs(trailingOnly = TRUE)
folder <- words[1]
least <- as.integer(words[2:3])
libraries <- c(words[-(1:3)], .libPaths())

write_one <- function(frame, package, name) {
  reason <- tryCatch({
    write.csv(frame, file.path(folder, paste(package, name, "csv", sep = ".")))
    NULL
  }, error = function(e) conditionMessage(e))
  if (!is.null(reason)) {
    unlink(file.path(folder, paste(package, name, "csv", sep = ".")))
    cat(package, name, gsub("[\t\n]", " ", reason), sep = "\t")
    cat("\n")
  }
}

for (package in unique(unlist(lapply(libraries, list.files)))) {
  found <- tryCatch(suppressWarnings(data(package = package, lib.loc = libraries))$results, error = function(e) NULL)
  for (item in if (is.null(found)) character() else found[, "Item"]) {
    # "name", or "name (file)" for one of the objects in a file
    parts <- strsplit(sub("\\)$", "", item), " (", fixed = TRUE)[[1]]
    place <- new.env()
    tryCatch(suppressWarnings(data(list = parts[length(parts)], package = package, lib.loc = libraries, envir = place)),
             error = function(e) NULL)
    frame <- tryCatch(get(parts[1], place), error = function(e) NULL)
    # Some objects can be asked nothing without their package: they are of classes of its own.
    is_table <- tryCatch(is.data.frame(frame) && nrow(frame) >= least[1] && ncol(frame) >= least[2], error = function(e) FALSE)
    if (is_table) write_one(frame, package, parts[1])
  }
}
