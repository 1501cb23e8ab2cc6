# Tests of models on a GPU backend alone: one program, a test for each backend that was built.
#   tenon_add_gpu_model_test(gpu_logits_test LABELS …): vulkan_logits_test, opencl_logits_test
function(tenon_add_gpu_model_test program)
  cmake_parse_arguments(ARG "" "FIXTURE" "LABELS" ${ARGN})
  set(backends "")
  foreach(backend vulkan opencl)
    if(TARGET tenon_backend_${backend})
      list(APPEND backends ${backend})
    endif()
  endforeach()
  if(NOT backends)
    return()
  endif()
  tenon_add_program(${program} SOURCES ${program}.cpp LINK tenon_front)
  tenon_configure_model_program(${program})
  foreach(backend ${backends})
    add_dependencies(${program} tenon_backend_${backend})
    string(REPLACE gpu ${backend} test ${program})
    add_test(NAME ${test} COMMAND ${program})
    set_tests_properties(${test} PROPERTIES TIMEOUT 1200 LABELS "${backend};${ARG_LABELS}"
      FIXTURES_REQUIRED "${ARG_FIXTURE}" ENVIRONMENT
      "TENON_TEST_BACKEND=${backend};TENON_PLUGIN_PATH=${TENON_PLUGIN_OUTPUT_DIRECTORY};${TENON_OPENCL_CACHES}")
  endforeach()
endfunction()
