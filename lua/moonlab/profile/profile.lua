--- What a profile can do once it is made: tell itself in several forms.

local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local options = require "moonlab.options"
local vm = require "moonlab.vm"

local Profile = { __name = "moonlab.Profile" }
Profile.__index = Profile

function Profile:__tostring() return self:text() end

local read_text = options("profile:text", { { "width", "count" }, { "utf8", "boolean" } }, "profile:text{width = 100}")

--- The profile as text: what is remarkable first, then the columns.
-- @param o  { width = the terminal's, utf8 = by the locale }
-- @return a string
-- @usage print(ml.data.table{ x = { 1, 2, 2 } }:profile():text { width = 80 })
function Profile:text(o) return require "moonlab.profile.text"(self, read_text(o)) end

--- The profile as JSON, with all that its page shows.
-- @return a string
-- @usage ml.data.table{ x = { 1, 2, 2 } }:profile():json()
function Profile:json() return require "moonlab.profile.record"(self) end

--- The profile as one page of HTML: plots in it, nothing besides it is needed, no scripts.
-- @return a string
-- @usage ml.data.table{ x = { 1, 2, 2 } }:profile():html()
function Profile:html() return require "moonlab.profile.page"(self) end

--- Writes the profile into a file, by the end of its name: .html or .json.
-- @param path  where to
-- @return the profile
-- @error another ending; a file that can't be written (a failure with exit status 4)
-- @usage ml.data.table{ x = { 1, 2, 2 } }:profile():save "/tmp/profile.html"
function Profile:save(path)
  if type(path) ~= "string" then blame.raise("profile:save: a path is needed, got %s", blame.show(path)) end
  local ending, bytes = path:lower():match "%.(%w+)$", nil
  if ending == "html" or ending == "htm" then bytes = self:html()
  elseif ending == "json" then bytes = self:json() .. "\n"
  else blame.raise("profile:save: '%s' must end in .html or .json", path) end
  local ok, problem = vm.write_atomic(path, bytes)
  if not ok then failure.raise("data", "can't save the profile: %s", problem) end
  return self
end

return Profile
