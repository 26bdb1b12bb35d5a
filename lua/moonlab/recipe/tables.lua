--- What a recipe needs where its source is a table, which is a good part of the library: loaded for such recipes alone.

--- @param recipe  the recipe
-- @return the module moonlab.recipe.tabular, or nil where the source gives no table
return function(recipe)
  local source = recipe.fields.data.source
  return type(source) == "table" and source.gives_tables and require "moonlab.recipe.tabular" or nil
end
