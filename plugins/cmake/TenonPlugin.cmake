# How a plugin is built, in this tree and against the installed SDK (find_package(TenonPlugin)):
#   tenon_add_backend(name SOURCES… [DRIVERS…])         a device; DRIVERS: what decides which drivers it opens (sdk/plugin.hpp)
#   tenon_add_kernel_pack(name SOURCES… [FLAGS…] [SHADERS…])   kernels; FLAGS: instruction-set flags, e.g. -mavx2;
#                                                       SHADERS: GLSL, x.comp becomes words to #include "x.comp.inc"
#   tenon_add_models(name…)                             one plugin per <name>.cpp
# Each makes <name>.tenon.so with one exported symbol.
set(TENON_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/tenon_plugin.ver)

# The words of a SPIR-V module, as C numbers.
function(tenon_compile_shader target shader)
  find_program(TENON_GLSLC glslc REQUIRED)
  set(words ${CMAKE_CURRENT_BINARY_DIR}/${shader}.inc)
  add_custom_command(OUTPUT ${words} DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${shader} VERBATIM
    COMMAND ${TENON_GLSLC} --target-env=vulkan1.3 -Werror -O -mfmt=num -o ${words}
            ${CMAKE_CURRENT_SOURCE_DIR}/${shader})
  target_sources(${target} PRIVATE ${words})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()

function(tenon_add_plugin target output_name)
  cmake_parse_arguments(ARG "" "" "SOURCES;FLAGS;LINK;DRIVERS;SHADERS" ${ARGN})
  add_library(${target} MODULE ${ARG_SOURCES})
  foreach(shader ${ARG_SHADERS})
    tenon_compile_shader(${target} ${shader})
  endforeach()
  target_link_libraries(${target} PRIVATE tenon::sdk ${ARG_LINK})
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".tenon.so" OUTPUT_NAME ${output_name}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INTERPROCEDURAL_OPTIMIZATION OFF
    LINK_DEPENDS ${TENON_PLUGIN_VERSION_SCRIPT})
  if(TENON_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${TENON_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  target_compile_options(${target} PRIVATE ${ARG_FLAGS}
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  if(ARG_DRIVERS)
    list(JOIN ARG_DRIVERS [[\",\"]] drivers)
    target_compile_definitions(${target} PRIVATE "TENON_SDK_DRIVERS=\"\\\"${drivers}\\\"\"")
  endif()
  target_link_options(${target} PRIVATE -Wl,-z,now -Wl,--exclude-libs,ALL
    -Wl,--version-script=${TENON_PLUGIN_VERSION_SCRIPT})
  if(NOT TENON_SANITIZE)  # a sanitizer's runtime is resolved from the host program
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  # The host refuses plugins that others may write to, whatever the umask is.
  add_custom_command(TARGET ${target} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:${target}>)
  if(TENON_INSTALLED_PLUGINS AND TENON_PLUGIN_OUTPUT_DIRECTORY STREQUAL TENON_INSTALLED_PLUGINS)
    install(TARGETS ${target} LIBRARY DESTINATION lib/tenon/plugins/1 COMPONENT runtime)
  endif()
  if(COMMAND tenon_configure)
    tenon_configure(${target})
  endif()
endfunction()

function(tenon_add_backend name)
  tenon_add_plugin(tenon_backend_${name} ${name} ${ARGN})
endfunction()

function(tenon_add_kernel_pack name)
  tenon_add_plugin(tenon_pack_${name} ${name} ${ARGN})
endfunction()

function(tenon_add_models)
  foreach(name ${ARGN})
    tenon_add_plugin(tenon_model_${name} model_${name} SOURCES ${name}.cpp)
  endforeach()
endfunction()
