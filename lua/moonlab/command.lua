--- What the subcommands of the program do; repl/command.c calls them by name. Each gives the exit status.

local command = {}

--- moonlab run R.lua [field=value ...]
function command.run(path, options) return require "moonlab.command.run"(path, options) end

--- moonlab check R.lua [field=value ...]
function command.check(path, options) return require "moonlab.command.check"(path, options) end

--- moonlab cv R.lua [field=value ...]
function command.cv(path, options) return require "moonlab.command.cv"(path, options) end

--- moonlab search R.lua [field=value ...]
function command.search(path, options) return require "moonlab.command.search"(path, options) end

--- moonlab predict RUN INPUT...
function command.predict(path, options) return require "moonlab.command.predict"(path, options) end

--- moonlab label R.lua
function command.label(path, options) return require "moonlab.command.label"(path, options) end

--- moonlab data R.lua|FILE [field=value ...]
function command.data(path, options) return require "moonlab.command.data"(path, options) end

--- moonlab runs [ls | show RUN | diff A B | plot RUN... | rm RUN...]
function command.runs(path, options) return require "moonlab.command.runs"(path, options) end

--- moonlab verify R.lua
function command.verify(path, options) return require "moonlab.command.verify"(path, options) end

--- moonlab eval RUN [DATA...]
function command.eval(path, options) return require "moonlab.command.eval"(path, options) end

--- moonlab new NAME
function command.new(path, options) return require "moonlab.command.new"(path, options) end

return command
