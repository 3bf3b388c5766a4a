# Installs the build in BUILD into an empty PREFIX and looks for what must be there.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} COMMAND_ERROR_IS_FATAL ANY)
foreach(file bin/agon include/agon/agon.hpp include/agon/engine/agon.hpp share/agon/flchain.csv
    share/agon/LICENSE.survival share/agon/diabetes.csv)
  if(NOT EXISTS ${PREFIX}/${file})
    message(FATAL_ERROR "not installed: ${file}")
  endif()
endforeach()
execute_process(COMMAND ${PREFIX}/bin/agon devices COMMAND_ERROR_IS_FATAL ANY)
