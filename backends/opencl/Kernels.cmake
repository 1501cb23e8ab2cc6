# OpenCL C to C++: sources are embedded and compiled by the driver. Where there is a clang, each kernel
# is compiled here as well, as it is embedded, so that a mistake fails the build.

# An object library with the table that kernels.hpp declares; a row of the table is a kernel.
function(tenon_opencl_kernels target table)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cl ${CMAKE_CURRENT_SOURCE_DIR}/*.clh)
  set(ops ${CMAKE_CURRENT_SOURCE_DIR}/ops)
  set(checks "")
  set(programs "")
  find_program(TENON_CLANG clang)
  if(TENON_CLANG)
    set(check ${TENON_CLANG} -x cl -cl-std=CL1.2 -target spir64 -Xclang -finclude-default-header
              -Wall -Wextra -Wno-unused-function -Wno-unused-parameter -Werror -fsyntax-only)
    foreach(constant RANGE 22)
      list(APPEND check -DC${constant}=1u)
    endforeach()
    file(STRINGS ${table} rows REGEX "^[^#]")
    foreach(row ${rows})
      string(REGEX MATCHALL "[^ ]+" defines "${row}")
      list(POP_FRONT defines name source program)
      list(TRANSFORM defines PREPEND -D)
      list(APPEND checks COMMAND ${check} ${defines} ${CMAKE_CURRENT_BINARY_DIR}/kernel_${source}.cl)
      if(NOT "${program} ${defines}" IN_LIST programs)
        list(APPEND programs "${program} ${defines}")
        list(APPEND checks COMMAND ${check} -DLATE ${defines} ${CMAKE_CURRENT_BINARY_DIR}/program_${program}.cl)
      endif()
    endforeach()
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/kernel_table.cpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/embed_kernels.py)
  add_custom_command(OUTPUT ${embedded} DEPENDS ${sources} ${table} ${script} VERBATIM
    COMMAND ${Python3_EXECUTABLE} ${script} ${embedded} ${CMAKE_CURRENT_SOURCE_DIR}/${table} ${ops}
            ${CMAKE_CURRENT_BINARY_DIR}
    ${checks}
    COMMENT "OpenCL kernels")
  add_library(${target} OBJECT ${embedded})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
