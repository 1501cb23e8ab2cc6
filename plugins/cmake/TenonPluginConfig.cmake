# find_package(TenonPlugin): the headers as tenon::sdk, and the functions of TenonPlugin.cmake.
if(NOT TARGET tenon::sdk)
  include(${CMAKE_CURRENT_LIST_DIR}/TenonPluginTargets.cmake)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/TenonPlugin.cmake)
