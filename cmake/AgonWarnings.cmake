# Warnings and sanitizers shared by every target of the project.
add_library(agon_warnings INTERFACE)
target_compile_options(agon_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion>
  # GCC 12 and 13 see an overlap in any "literal" + string (GCC bug 105651).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${AGON_WERROR}>>:-Werror>
  $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${AGON_WERROR}>>:-Werror=all-warnings>)
if(AGON_SANITIZE)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${AGON_SANITIZE}>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer> $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  add_link_options(-fsanitize=${AGON_SANITIZE})
  # AddressSanitizer ends at an access through a null pointer or beyond an object without these checks before each access,
  # which cost a fifth of the time to compile.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=null,object-size,vptr>)
  # What sanitizers add confuses GCC's flow analysis: it warns inside the standard library's <regex>.
  target_compile_options(agon_warnings INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
endif()
