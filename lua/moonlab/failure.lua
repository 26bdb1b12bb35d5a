--- Errors that carry the exit status the program ends with.
-- The bindings raise the same kind of table: { message =, status = } that prints as its message.

local failure = {}

--- The documented exit statuses.
failure.status = {
  error = 1, usage = 2, missed = 3, data = 4, diverged = 5, memory = 6, limit = 7, interrupted = 130,
}

local Failure = { __name = "moonlab.Failure" }
function Failure.__tostring(e) return e.message end

--- An error value with a message and an exit status.
-- @param kind     a key of failure.status: "data", "diverged"
-- @param message  what is said on stderr
-- @return a table for error()
function failure.new(kind, message)
  return setmetatable({ message = message, status = assert(failure.status[kind], kind) }, Failure)
end

--- Raises an error with an exit status.
-- @param kind    a key of failure.status
-- @param format  as in string.format, with its arguments after it
function failure.raise(kind, format, ...) error(failure.new(kind, format:format(...)), 0) end

--- The exit status of whatever was caught by pcall: 1 for a plain string.
function failure.status_of(e) return type(e) == "table" and math.type(e.status) == "integer" and e.status or 1 end

--- Whether what was caught is ^C, which the running code gets as an error in the middle of anything.
function failure.is_interrupt(e) return type(e) == "string" and e:find "interrupted!$" ~= nil end

--- The message of whatever was caught by pcall. Never runs a stranger's __tostring.
function failure.message_of(e)
  if type(e) == "string" then return e end
  if type(e) == "table" and type(rawget(e, "message")) == "string" then return rawget(e, "message") end
  return ("an error value of type %s"):format(type(e))
end

return failure
