--- Byte-pair encoding: the merges that are learned from words with their counts, and the ids of words. Sennrich et al. 2016; over bytes as
-- in Radford et al. 2019, so that every text has ids and none is lost.
--
-- Id b + 1 is the byte b, id 256 + i what the i-th merge makes; 0 is no symbol. Merges are a list { left, right, left, right, ... } of ids:
-- plain data. Symbols of all words lie behind one another, linked to their neighbours, so that a merge costs what it changes.

local byte_pairs = {}

local BYTES = 256

local function key_of(left, right) return left << 32 | right end
local function sides(key) return key >> 32, key & 0xffffffff end

--- The bytes that each id stands for.
-- @return a list of strings
function byte_pairs.texts(merges)
  local texts = {}
  for byte = 0, BYTES - 1 do texts[byte + 1] = string.char(byte) end
  for i = 1, #merges, 2 do texts[#texts + 1] = texts[merges[i]] .. texts[merges[i + 1]] end
  return texts
end

-- Learning -------------------------------------------------------------------------------------------------------------

-- The pairs that may come next: a heap whose first is the commonest, of as many the one whose left text, then whose right text comes first
-- by its bytes.
-- A count may have sunk since it went in: that is seen when it comes out.
local Queue = {}
Queue.__index = Queue

function Queue:before(a, b)
  if self.count[a] ~= self.count[b] then return self.count[a] > self.count[b] end
  local left_a, right_a = sides(self.key[a])
  local left_b, right_b = sides(self.key[b])
  if self.texts[left_a] ~= self.texts[left_b] then return self.texts[left_a] < self.texts[left_b] end
  if self.texts[right_a] ~= self.texts[right_b] then return self.texts[right_a] < self.texts[right_b] end
  return self.key[a] < self.key[b]
end

function Queue:swap(a, b)
  self.count[a], self.count[b] = self.count[b], self.count[a]
  self.key[a], self.key[b] = self.key[b], self.key[a]
end

function Queue:push(key, count)
  local at = #self.key + 1
  self.key[at], self.count[at] = key, count
  while at > 1 and self:before(at, at // 2) do
    self:swap(at, at // 2)
    at = at // 2
  end
end

function Queue:pop()
  local last = #self.key
  if last == 0 then return nil end
  self:swap(1, last)
  local key, count = self.key[last], self.count[last]
  self.key[last], self.count[last] = nil, nil
  local at, n = 1, last - 1
  while 2 * at <= n do
    local child = 2 * at
    if child < n and self:before(child + 1, child) then child = child + 1 end
    if not self:before(child, at) then break end
    self:swap(child, at)
    at = child
  end
  return key, count
end

-- The symbols of all words: id, the symbol before and after it in its word (0: none), how often the word is there; of each pair how often it
-- is there and where it has begun.
local function symbols_of(words, counts)
  local s = { id = {}, before = {}, after = {}, times = {}, pairs = {}, places = {} }
  local n = 0
  for i, word in ipairs(words) do
    for k = 1, #word do
      n = n + 1
      s.id[n], s.times[n] = word:byte(k) + 1, counts[i]
      s.before[n], s.after[n] = k > 1 and n - 1 or 0, k < #word and n + 1 or 0
    end
  end
  return s
end

local function add_pair(s, at, fresh)
  local key = key_of(s.id[at], s.id[s.after[at]])
  local places = s.places[key]
  if not places then
    places = {}
    s.places[key], fresh[#fresh + 1] = places, key
  end
  places[#places + 1] = at
  s.pairs[key] = (s.pairs[key] or 0) + s.times[at]
end

local function drop_pair(s, at)
  local key = key_of(s.id[at], s.id[s.after[at]])
  if s.pairs[key] then s.pairs[key] = s.pairs[key] - s.times[at] end
end

-- Makes one symbol of a pair wherever it stands, from left to right. Gives the pairs that are new.
local function merge(s, key, made)
  local left, right = sides(key)
  local places, fresh = s.places[key], {}
  s.places[key], s.pairs[key] = nil, nil
  table.sort(places) -- a place may be there that has changed since
  for _, at in ipairs(places) do
    local next_ = s.after[at]
    if s.id[at] == left and next_ ~= 0 and s.id[next_] == right then
      local before, after = s.before[at], s.after[next_]
      if before ~= 0 then drop_pair(s, before) end
      if after ~= 0 then drop_pair(s, next_) end
      s.id[at], s.after[at], s.id[next_] = made, after, 0
      if after ~= 0 then
        s.before[after] = at
        add_pair(s, at, fresh)
      end
      if before ~= 0 then add_pair(s, before, fresh) end
    end
  end
  return fresh
end

local function push_all(queue, s, fresh)
  for _, key in ipairs(fresh) do queue:push(key, s.pairs[key]) end
end

--- Learns merges: again and again the commonest pair of neighbours becomes one symbol.
-- @param words   distinct strings
-- @param counts  how often each is there
-- @param o       { vocabulary = ids in all, min_count = a rarer pair stays two }
-- @return the merges
function byte_pairs.learn(words, counts, o)
  local s, texts, merges, fresh = symbols_of(words, counts), byte_pairs.texts {}, {}, {}
  for at = 1, #s.id do
    if s.after[at] ~= 0 then add_pair(s, at, fresh) end
  end
  local queue = setmetatable({ key = {}, count = {}, texts = texts }, Queue)
  push_all(queue, s, fresh)
  while #texts < o.vocabulary do
    local key, count = queue:pop()
    if not key or count < o.min_count then break end
    local now = s.pairs[key]
    if now == count then
      local left, right = sides(key)
      merges[#merges + 1], merges[#merges + 2] = left, right
      texts[#texts + 1] = texts[left] .. texts[right]
      push_all(queue, s, merge(s, key, #texts))
    elseif now > 0 then
      queue:push(key, now)
    end
  end
  return merges
end

-- Ids ------------------------------------------------------------------------------------------------------------------

--- A function that gives the ids of a word: of all pairs that stand in it the one that was learned first becomes one symbol, until none
-- is left.
-- @return function(word) -> a list of ids
function byte_pairs.encoder(merges)
  local made = {}
  for i = 1, #merges, 2 do made[key_of(merges[i], merges[i + 1])] = BYTES + (i + 1) // 2 end
  return function(word)
    local ids, n = {}, #word
    for k = 1, n do ids[k] = word:byte(k) + 1 end
    while n > 1 do
      local first
      for k = 1, n - 1 do
        local id = made[key_of(ids[k], ids[k + 1])]
        if id and (not first or id < first) then first = id end
      end
      if not first then break end
      local left, right = merges[2 * (first - BYTES) - 1], merges[2 * (first - BYTES)]
      local from, to = 1, 0
      while from <= n do
        to = to + 1
        if ids[from] == left and ids[from + 1] == right and from < n then
          ids[to], from = first, from + 2
        else
          ids[to], from = ids[from], from + 1
        end
      end
      for k = to + 1, n do ids[k] = nil end
      n = to
    end
    return ids
  end
end

return byte_pairs
