# cohesin_torch: libtorch as unpacked from the PyPI wheel, or any libtorch. COHESIN_TORCH (option or
# environment) or Torch_DIR names it; .deps/ is the default. The wheel's own TorchConfig.cmake
# demands a CUDA toolkit, so the targets are defined here, and the CPU build does not link
# libtorch.so, which would pull in the CUDA libraries. Used by installed copies too.
if(NOT COHESIN_TORCH)
  if(DEFINED ENV{COHESIN_TORCH})
    set(COHESIN_TORCH $ENV{COHESIN_TORCH})
  elseif(Torch_DIR)
    get_filename_component(COHESIN_TORCH ${Torch_DIR}/../../.. ABSOLUTE)
  elseif(DEFINED ENV{Torch_DIR})
    get_filename_component(COHESIN_TORCH $ENV{Torch_DIR}/../../.. ABSOLUTE)
  elseif(COHESIN_BUILT_WITH_TORCH)
    set(COHESIN_TORCH ${COHESIN_BUILT_WITH_TORCH})
  else()
    set(COHESIN_TORCH ${PROJECT_SOURCE_DIR}/.deps/torch)
  endif()
endif()
if(NOT EXISTS ${COHESIN_TORCH}/include/ATen/ATen.h)
  message(FATAL_ERROR "no libtorch in '${COHESIN_TORCH}': run tools/setup.sh, or set COHESIN_TORCH to a folder with include/ and lib/")
endif()
file(GLOB torch_runtime_folders ${COHESIN_TORCH}/../nvidia/*/lib ${COHESIN_TORCH}/../nvidia/*/*/lib)
if(NOT TARGET cohesin_torch)
  add_library(cohesin_torch INTERFACE IMPORTED GLOBAL)
  target_include_directories(cohesin_torch SYSTEM INTERFACE
    ${COHESIN_TORCH}/include ${COHESIN_TORCH}/include/torch/csrc/api/include)
  target_link_directories(cohesin_torch INTERFACE ${COHESIN_TORCH}/lib)
  target_link_options(cohesin_torch INTERFACE -Wl,-rpath,${COHESIN_TORCH}/lib)
  foreach(folder ${torch_runtime_folders})
    target_link_options(cohesin_torch INTERFACE -Wl,-rpath,${folder} -Wl,-rpath-link,${folder})
  endforeach()
  if(COHESIN_CUDA)
    # Nothing of ours calls into libtorch_cuda by name: it registers its kernels when loaded.
    target_link_options(cohesin_torch INTERFACE
      -Wl,--push-state,--no-as-needed -ltorch_cuda -lc10_cuda -Wl,--pop-state)
  endif()
  target_link_libraries(cohesin_torch INTERFACE torch_cpu c10 Threads::Threads)
endif()
