# Writes OUTPUT, a C++ file with every recipe's text: cmake -DOUTPUT=file.cpp "-DRECIPES=a.toml;b.toml" -P embed.cmake
list(SORT RECIPES)
set(entries "")
foreach(recipe IN LISTS RECIPES)
  get_filename_component(name ${recipe} NAME_WE)
  file(READ ${recipe} text)
  string(APPEND entries "    {\"${name}\", R\"recipe(${text})recipe\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by host/recipes/embed.cmake from the files beside it.
#include \"host/config/recipes.hpp\"

namespace agon::host {

std::span<const Recipe> recipes() {
  static constexpr Recipe kRecipes[] = {
${entries}  };
  return kRecipes;
}

}  // namespace agon::host
")
