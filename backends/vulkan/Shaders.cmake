# GLSL to SPIR-V to C++: one module per row of shaders.def. A module that does not compile, or that
# spirv-val refuses, fails the build.

# `missing` receives what the plugin cannot be built without, or nothing.
function(tenon_find_shader_tools missing)
  find_path(TENON_VULKAN_HEADERS vulkan/vulkan.h)
  set(lacking "")
  if(NOT TENON_VULKAN_HEADERS)
    list(APPEND lacking vulkan/vulkan.h)
  endif()
  foreach(tool glslc spirv-opt spirv-val)
    string(TOUPPER TENON_${tool} variable)
    string(REPLACE - _ variable ${variable})
    find_program(${variable} ${tool})
    if(NOT ${variable})
      list(APPEND lacking ${tool})
    endif()
  endforeach()
  list(JOIN lacking ", " lacking)
  set(${missing} "${lacking}" PARENT_SCOPE)
endfunction()

# Compiled without optimisation, optimised apart: so each step can be looked at, and left out.
function(tenon_vulkan_shader name source defines)
  set(raw ${CMAKE_CURRENT_BINARY_DIR}/${name}.raw.spv)
  set(module ${CMAKE_CURRENT_BINARY_DIR}/${name}.spv)
  list(TRANSFORM defines PREPEND -D)
  set(path ${CMAKE_CURRENT_SOURCE_DIR}/ops/${source}.comp)
  add_custom_command(OUTPUT ${module} DEPENDS ${path} DEPFILE ${name}.d VERBATIM
    COMMAND ${TENON_GLSLC} --target-env=vulkan1.3 -Werror -O0 ${defines} -MD -MF ${name}.d -MT ${module}
            -o ${raw} ${path}
    COMMAND ${TENON_SPIRV_OPT} --target-env=vulkan1.3 -O ${raw} -o ${module}
    COMMAND ${TENON_SPIRV_VAL} --target-env vulkan1.3 ${module}
    COMMENT "Shader ${name}")
endfunction()

# An object library with the table that shaders.hpp declares.
function(tenon_vulkan_shaders target table)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  file(STRINGS ${table} rows REGEX "^[^#]")
  set(names "")
  set(modules "")
  foreach(row ${rows})
    string(REGEX MATCHALL "[^ ]+" words "${row}")
    list(POP_FRONT words name source)
    tenon_vulkan_shader(${name} ${source} "${words}")
    list(APPEND names ${name})
    list(APPEND modules ${CMAKE_CURRENT_BINARY_DIR}/${name}.spv)
  endforeach()
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/shader_table.cpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/embed_shaders.py)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(OUTPUT ${embedded} DEPENDS ${modules} ${script} VERBATIM
    COMMAND ${Python3_EXECUTABLE} ${script} ${embedded} ${modules})
  add_library(${target} OBJECT ${embedded})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
