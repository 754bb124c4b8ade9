# The CUDA part of the addon; included only when CMake found a CUDA compiler.
# CMake 3.25 does not know that nvcc 13 speaks C++20: the dialect is given as an option, and CMake is told of none (two would be a warning).
# CMAKE_CUDA_ARCHITECTURES is no place to look for a wish: enabling the language writes the compiler's default there, which a second configuring would read.
set(TOMO_CUDA_ARCHITECTURES "" CACHE STRING "GPU architectures as CMake writes them (80-real;90-real); empty: all that nvcc knows")
unset(CMAKE_CUDA_STANDARD)
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)
set(TOMO_CUDA_BUILT_FOR "${TOMO_CUDA_ARCHITECTURES}")
if(NOT TOMO_CUDA_BUILT_FOR)
  # Machine code for every family from Turing to Blackwell that this compiler knows (Volta with toolkits before 13): code for a family's first member runs
  # on all of it (80 on 86, 87 and 89; 100 on 103; 120 on 121). The newest as PTX too, for what comes.
  execute_process(COMMAND "${CMAKE_CUDA_COMPILER}" --list-gpu-arch OUTPUT_VARIABLE TOMO_NVCC_LIST RESULT_VARIABLE TOMO_NVCC_RESULT OUTPUT_STRIP_TRAILING_WHITESPACE)
  foreach(NUMBER 70 75 80 90 100 110 120)
    if(TOMO_NVCC_LIST MATCHES "compute_${NUMBER}(\n|\r|$)")
      list(APPEND TOMO_CUDA_BUILT_FOR "${NUMBER}-real")
      set(TOMO_CUDA_NEWEST "${NUMBER}")
    endif()
  endforeach()
  if(NOT TOMO_CUDA_BUILT_FOR)
    message(FATAL_ERROR "nvcc names no GPU architecture from Volta on (nvcc --list-gpu-arch: ${TOMO_NVCC_RESULT}). A CUDA toolkit of version 11.5 or newer is needed.")
  endif()
  list(APPEND TOMO_CUDA_BUILT_FOR "${TOMO_CUDA_NEWEST}-virtual")
endif()
message(STATUS "CUDA ${CUDAToolkit_VERSION} for ${TOMO_CUDA_BUILT_FOR}")

add_library(tomo_cuda STATIC cuda/cuda_accelerator.cu cuda/cuda_info.cu)
set_target_properties(tomo_cuda PROPERTIES CUDA_ARCHITECTURES "${TOMO_CUDA_BUILT_FOR}" CUDA_RUNTIME_LIBRARY Static CUDA_STANDARD_REQUIRED OFF POSITION_INDEPENDENT_CODE ON)
target_include_directories(tomo_cuda PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/include")
target_compile_options(tomo_cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --threads=0>)
target_link_libraries(tomo_cuda PUBLIC CUDA::cudart_static)
set(TOMO_WITH_CUDA ON)
