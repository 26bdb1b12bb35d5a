--- What is suspicious in the data of a recipe, said before anything is trained: columns that tell the target alone, rows that stand in two
-- parts. A score that is too good is believed too easily.

local output = require "moonlab.command.output"
local tables = require "moonlab.recipe.tables"

local suspicions = {}

--- Looks, and says what there is on stderr ("warning: ...") or as events of JSON.
-- @param recipe    the recipe
-- @param prepared  what leaks.of takes
-- @param options   of the command: json =, quiet =
-- @return a list of sentences; empty where the source gives no table
function suspicions.say(recipe, prepared, options)
  local texts = {}
  if not tables(recipe) then return texts end
  for i, one in ipairs(require "moonlab.profile.leaks".of(recipe, prepared)) do
    texts[i] = one.text
    output.emit(options, "warning", { { "column", one.column }, { "text", one.text } })
    if not options.quiet and not options.json then io.stderr:write("warning: ", one.text, "\n") end
  end
  return texts
end

--- What leaks.of takes, of a fold of which nothing is prepared yet.
-- @param read  what prepare.read gave
-- @param fold  one of prepare.folds
function suspicions.of_fold(read, fold)
  return read.cleaned and { table = read.cleaned.table, places = { train = fold.train, valid = fold.valid, test = fold.test }, derive = read.derive,
    past = read.back.past }
end

return suspicions
