# find_package(tenon): the C++ API as tenon::tenon.
include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
if(NOT TARGET tenon::tenon)
  include(${CMAKE_CURRENT_LIST_DIR}/tenon-targets.cmake)
endif()
