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
  # The sum beside a precompiled header stands for its content.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_PCH_EXTSUM=1 ${CCACHE})
endif()

# Precompiled headers differ between build folders, though they always mean the same: ccache is given
# a sum of what one is made from (the names in `headers`, the content of the FILES that follow), and
# so shares objects between folders.
function(cohesin_sum_of_precompiled target headers)
  set(names "")
  foreach(header ${headers})
    if(IS_ABSOLUTE ${header})
      get_filename_component(header ${header} NAME)
    endif()
    list(APPEND names ${header})
  endforeach()
  set(text "${CMAKE_CXX_COMPILER_VERSION} ${names}")
  foreach(file ${ARGN})
    file(SHA256 ${file} digest)
    string(APPEND text " ${digest}")
  endforeach()
  get_target_property(folder ${target} BINARY_DIR)
  file(WRITE ${folder}/CMakeFiles/${target}.dir/cmake_pch.hxx.gch.sum "${text}\n")
endfunction()
