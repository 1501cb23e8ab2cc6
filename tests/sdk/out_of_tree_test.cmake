# Installs the SDK into a folder of its own, copies the examples out of the tree, and builds each one
# against what was installed, as a third party would.
#   cmake -D BUILD_DIR=… -D EXAMPLES=… -D WORK=… -D CXX=… -D NM=… -D READELF=… -P this file
set(plugins
  null_backend:null one_kernel_pack:one_kernel one_file_model:model_example_tiny
  foreign_backend:foreign opencl_kernel_pack:opencl_kernel)
find_program(GLSLC glslc)
if(GLSLC)
  list(APPEND plugins vulkan_kernel_pack:vulkan_kernel)
endif()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endfunction()

# The one exported symbol, and the manifest that hosts read before they load the file.
function(check_plugin file)
  execute_process(COMMAND ${NM} -D --defined-only --format=posix ${file}
    OUTPUT_VARIABLE symbols OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT symbols MATCHES "^tenon_plugin_query_v1 T [^\n]*$")
    message(FATAL_ERROR "${file} must export tenon_plugin_query_v1 and nothing else:\n${symbols}")
  endif()
  execute_process(COMMAND ${READELF} -p .note.tenon ${file}
    OUTPUT_VARIABLE note COMMAND_ERROR_IS_FATAL ANY)
  if(NOT note MATCHES "\"abi\":\"1\\.[0-9]+\".*\"id\":\"tenon\\.")
    message(FATAL_ERROR "${file} has no manifest:\n${note}")
  endif()
  execute_process(COMMAND ${READELF} -d ${file} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  if(dynamic MATCHES "NEEDED[^\n]*tenon")
    message(FATAL_ERROR "${file} links a library of Tenon:\n${dynamic}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --component sdk --prefix ${WORK}/sdk)
foreach(plugin ${plugins})
  string(REPLACE ":" ";" parts ${plugin})
  list(GET parts 0 folder)
  list(GET parts 1 name)
  file(COPY ${EXAMPLES}/${folder} DESTINATION ${WORK})
  run(${CMAKE_COMMAND} -S ${WORK}/${folder} -B ${WORK}/${folder}/build
    -D CMAKE_PREFIX_PATH=${WORK}/sdk -D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_COMPILER=${CXX}
    -D "CMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
  run(${CMAKE_COMMAND} --build ${WORK}/${folder}/build)
  check_plugin(${WORK}/${folder}/build/${name}.tenon.so)
endforeach()
