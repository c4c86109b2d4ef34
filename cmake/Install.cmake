# `cmake --install`: the libraries, their headers, the command, and find_package(Cohesin).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Cohesin)

set_target_properties(cohesin_core PROPERTIES EXPORT_NAME core)
install(TARGETS cohesin_core EXPORT CohesinCoreTargets)
install(EXPORT CohesinCoreTargets NAMESPACE Cohesin:: DESTINATION ${package_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cohesin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(COHESIN_WITH_TORCH)
  install(TARGETS cohesin EXPORT CohesinTargets)
  install(EXPORT CohesinTargets NAMESPACE Cohesin:: DESTINATION ${package_folder})
  install(TARGETS cohesin_cli)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/CohesinConfig.cmake.in
  ${PROJECT_BINARY_DIR}/CohesinConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/CohesinConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/CohesinConfig.cmake ${PROJECT_BINARY_DIR}/CohesinConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/TextLibraries.cmake ${PROJECT_SOURCE_DIR}/cmake/FindLibtorch.cmake
  DESTINATION ${package_folder})
