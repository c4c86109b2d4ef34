# Debian's libraries. fmt and spdlog are linked into a private include folder that stands before
# torch's headers (the wheel ships another fmt); /usr/include itself is never added.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)

find_path(FMT_INCLUDE fmt/format.h REQUIRED)
find_path(SPDLOG_INCLUDE spdlog/spdlog.h REQUIRED)
find_library(FMT_LIBRARY fmt REQUIRED)
find_library(SPDLOG_LIBRARY spdlog REQUIRED)
set(private_include ${PROJECT_BINARY_DIR}/private_include)
file(MAKE_DIRECTORY ${private_include})
file(CREATE_LINK ${FMT_INCLUDE}/fmt ${private_include}/fmt SYMBOLIC)
file(CREATE_LINK ${SPDLOG_INCLUDE}/spdlog ${private_include}/spdlog SYMBOLIC)
add_library(cohesin_text INTERFACE)
target_include_directories(cohesin_text BEFORE INTERFACE $<BUILD_INTERFACE:${private_include}>)
target_compile_definitions(cohesin_text INTERFACE SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)
target_link_libraries(cohesin_text INTERFACE ${SPDLOG_LIBRARY} ${FMT_LIBRARY})

if(COHESIN_WITH_TORCH)
  include(FindLibtorch)
endif()
