# cohesin_text: fmt and spdlog of the system. Their headers are linked into a private include folder
# that stands before torch's (the wheel ships another fmt); /usr/include itself is never added.
# Used by the build and by installed copies alike.
find_path(COHESIN_FMT_INCLUDE fmt/format.h REQUIRED)
find_path(COHESIN_SPDLOG_INCLUDE spdlog/spdlog.h REQUIRED)
find_library(COHESIN_FMT_LIBRARY fmt REQUIRED)
find_library(COHESIN_SPDLOG_LIBRARY spdlog REQUIRED)
mark_as_advanced(COHESIN_FMT_INCLUDE COHESIN_SPDLOG_INCLUDE COHESIN_FMT_LIBRARY COHESIN_SPDLOG_LIBRARY)
set(private_include ${PROJECT_BINARY_DIR}/private_include)
file(MAKE_DIRECTORY ${private_include})
file(CREATE_LINK ${COHESIN_FMT_INCLUDE}/fmt ${private_include}/fmt SYMBOLIC)
file(CREATE_LINK ${COHESIN_SPDLOG_INCLUDE}/spdlog ${private_include}/spdlog SYMBOLIC)
if(NOT TARGET cohesin_text)
  add_library(cohesin_text INTERFACE IMPORTED GLOBAL)
  set_target_properties(cohesin_text PROPERTIES IMPORTED_NO_SYSTEM TRUE)
  target_include_directories(cohesin_text BEFORE INTERFACE ${private_include})
  target_compile_definitions(cohesin_text INTERFACE SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)
  target_link_libraries(cohesin_text INTERFACE ${COHESIN_SPDLOG_LIBRARY} ${COHESIN_FMT_LIBRARY})
endif()
