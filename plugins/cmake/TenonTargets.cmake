# In-tree targets only: warnings, sanitizers and ccache, the same for every target.
# tenon_add_library(name SOURCES… [LINK…]) makes a static library of the framework;
# tenon_configure(target) applies the house flags to any target.
find_program(TENON_CCACHE ccache)
if(TENON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${TENON_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TENON_CCACHE})
endif()

if(TENON_SANITIZE)
  add_compile_options(-fsanitize=${TENON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TENON_SANITIZE})
endif()

# What is built into this folder is installed; examples and fixtures are built elsewhere.
set(TENON_INSTALLED_PLUGINS ${CMAKE_BINARY_DIR}/lib/tenon/plugins/1)
set(TENON_EXAMPLES_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/tenon/examples)
# Plugins are refused from folders that others may write to, whatever the umask is.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
foreach(folder lib lib/tenon lib/tenon/examples lib/tenon/plugins lib/tenon/plugins/1)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
  file(CHMOD ${CMAKE_BINARY_DIR}/${folder} PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
endforeach()

function(tenon_configure target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow
    $<$<COMPILE_LANGUAGE:CXX>:-Wconversion -Wsign-conversion -Wold-style-cast>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # gcc 12 warns falsely about "literal" + std::string at -O3
    $<$<BOOL:${TENON_WERROR}>:-Werror>)
endfunction()

function(tenon_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  tenon_configure(${name})
  target_link_libraries(${name} PUBLIC tenon::abi ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
endfunction()

# tenon_add_program(name SOURCES… LINK…): one GoogleTest program.
function(tenon_add_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  tenon_configure(${name})
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)  # compiling takes longer than running
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

# tenon_add_test(name SOURCES… LINK… [ARGS…]): likewise, registered with ctest.
function(tenon_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  tenon_add_program(${name} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK})
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
