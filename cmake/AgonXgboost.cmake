# Finds XGBoost's C library and makes the target agon_xgboost of it. Debian's own CMake files for it ask for a program that its
# library's package does not bring.
find_path(AGON_XGBOOST_INCLUDE xgboost/c_api.h)
find_library(AGON_XGBOOST_LIBRARY xgboost)
if(NOT AGON_XGBOOST_INCLUDE OR NOT AGON_XGBOOST_LIBRARY)
  message(FATAL_ERROR "XGBoost was not found; agon evaluate trains boosted trees with it. On Debian: apt-get install libxgboost-dev")
endif()
mark_as_advanced(AGON_XGBOOST_INCLUDE AGON_XGBOOST_LIBRARY)
add_library(agon_xgboost UNKNOWN IMPORTED)
set_target_properties(agon_xgboost PROPERTIES IMPORTED_LOCATION ${AGON_XGBOOST_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${AGON_XGBOOST_INCLUDE})
