# OpenCL C to C++: sources are embedded and compiled by the driver. Where there is a clang, each is
# compiled here as well, so that a mistake fails the build.

# An object library with the table that kernels.hpp declares; a kernel is ops/<name>.cl.
function(tenon_opencl_kernels target)
  set(sources ${ARGN})
  list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ops/)
  list(TRANSFORM sources APPEND .cl)
  file(GLOB includes CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/ops/*.clh)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/kernel_table.cpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/embed_kernels.py)
  find_program(TENON_CLANG clang)
  set(checks "")
  if(TENON_CLANG)
    set(check ${TENON_CLANG} -x cl -cl-std=CL1.2 -target spir64 -Xclang -finclude-default-header
              -Wall -Wextra -Wno-unused-function -Wno-unused-parameter -Werror -fsyntax-only
              -DNAME=kernel_)
    foreach(constant RANGE 22)
      list(APPEND check -DC${constant}=1u)
    endforeach()
    foreach(source ${sources})
      list(APPEND checks COMMAND ${check} ${source})
    endforeach()
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(OUTPUT ${embedded} DEPENDS ${sources} ${includes} ${script} VERBATIM ${checks}
    COMMAND ${Python3_EXECUTABLE} ${script} ${embedded} ${sources}
    COMMENT "OpenCL kernels")
  add_library(${target} OBJECT ${embedded})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
