# Installs the API and what it runs with into a folder, moves it, builds the program of README.md and
# one that needs no engine against it with the CMake lines that README.md gives, and runs both.
#   cmake -D BUILD_DIR=… -D WORK=… -D README=… -D PYTHON=… -D SNIPPETS=… -D WITHOUT_ENGINE=…
#     -D CXX=… -D NM=… -D MAKER=… -P this file
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: ${result}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/readme ${WORK}/without_engine ${WORK}/home)
foreach(component runtime api)
  run(${CMAKE_COMMAND} --install ${BUILD_DIR} --component ${component} --prefix ${WORK}/staged)
endforeach()
file(RENAME ${WORK}/staged ${WORK}/tenon)  # nothing may depend on where it was installed first

run(${MAKER} ${WORK}/tiny.gguf)
run(${PYTHON} -B ${SNIPPETS} ${README} cpp ${WORK}/readme/main.cpp)
file(COPY_FILE ${WITHOUT_ENGINE} ${WORK}/without_engine/main.cpp)
set(says_readme "[1-9][0-9]* tokens")
set(says_without_engine "tensors, [1-9][0-9]* types, 0 findings, hello, .* [1-9][0-9]* plugins, [1-9][0-9]* devices")
foreach(program readme without_engine)
  set(folder ${WORK}/${program})
  run(${PYTHON} -B ${SNIPPETS} ${README} cmake ${folder}/CMakeLists.txt)
  run(${CMAKE_COMMAND} -S ${folder} -B ${folder}/build -D CMAKE_PREFIX_PATH=${WORK}/tenon
    -D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_COMPILER=${CXX} "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
  run(${CMAKE_COMMAND} --build ${folder}/build)
  # No path of the build tree, no home: the plugins are those beside the library.
  run(${CMAKE_COMMAND} -E env --unset=TENON_PLUGIN_PATH --unset=XDG_DATA_HOME HOME=${WORK}/home
    ${folder}/build/program ${WORK}/tiny.gguf)
  if(NOT output MATCHES "${says_${program}}")
    message(FATAL_ERROR "the program ${program} says:\n${output}")
  endif()
endforeach()
run(${WORK}/tenon/bin/tenon plugins)
if(NOT output MATCHES "loaded[^\n]*${WORK}/tenon/lib/tenon/plugins/1/")
  message(FATAL_ERROR "the installed program does not find the installed plugins:\n${output}")
endif()

# The API is all that shows: what is inside may change, and must not meet what users link.
run(${NM} -DC --defined-only ${WORK}/tenon/lib/libtenon.so)
string(REGEX MATCHALL "[^\n]+" lines "${output}")
list(LENGTH lines count)
list(FILTER lines EXCLUDE REGEX
  "^[0-9a-f]+ T tenon::(Engine|Request|ModelFile|ModelText|TemplateInputs|AtomicFile|NpyWriter|to_string|guard_mapped_files|list_)")
if(lines OR count LESS 30)
  message(FATAL_ERROR "libtenon.so exports ${count} symbols, these among them:\n${lines}")
endif()
