# Warnings are errors in our own code; every target of ours links cohesin_settings.
add_library(cohesin_settings INTERFACE)
target_compile_options(cohesin_settings INTERFACE -Wall -Wextra -Wpedantic -Werror
  # False alarms of GCC 12: string concatenations (bug 105329), std::optional at -O3 (bug 80635).
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-maybe-uninitialized>")
if(COHESIN_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sum beside a precompiled header stands for its content (see cohesin/CMakeLists.txt).
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_PCH_EXTSUM=1 ${CCACHE})
endif()
