--- Small picture files in the format of Fashion-MNIST, and programs run over them: what the tests of data and runs
-- share. Class k (from 0) has a bright row k + 1 in a picture of 12 x 12, over noise that a small generator makes.

local synthetic = {}

local SIDE, CLASSES = 12, 10

local function generator(state)
  return function(n)
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 16) % n
  end
end

local function picture(class, random, side)
  local bytes = {}
  for row = 1, side do
    for column = 1, side do
      bytes[#bytes + 1] = string.char(row == class + 1 and 200 + random(50) or random(60))
    end
  end
  return table.concat(bytes)
end

local function write(path, text, compress)
  local file = assert(compress and io.popen("gzip -c > " .. path, "w") or io.open(path, "wb"))
  file:write(text)
  assert(file:close())
end

local function write_part(folder, prefix, rows, seed, compress, side)
  local random, pictures, labels = generator(seed), {}, {}
  for i = 1, rows do
    local class = (i * 7 + i // CLASSES) % CLASSES
    pictures[i], labels[i] = picture(class, random, side), string.char(class)
  end
  local ending = compress and ".gz" or ""
  write(("%s/%s-images-idx3-ubyte%s"):format(folder, prefix, ending),
    string.pack(">I4I4I4I4", 0x0803, rows, side, side) .. table.concat(pictures), compress)
  write(("%s/%s-labels-idx1-ubyte%s"):format(folder, prefix, ending),
    string.pack(">I4I4", 0x0801, rows) .. table.concat(labels), compress)
end

--- Writes the four files into folder/fashion-mnist.
-- @param options  { train = 200, test = 100, plain = without gzip, side = 12, name = "fashion-mnist" }
-- @return that folder
function synthetic.write(folder, options)
  local o = options or {}
  local into = folder .. "/" .. (o.name or "fashion-mnist")
  assert(os.execute("mkdir -p " .. into))
  write_part(into, "train", o.train or 200, 1, not o.plain, o.side or SIDE)
  write_part(into, "t10k", o.test or 100, 2, not o.plain, o.side or SIDE)
  return into
end

--- The text of a recipe over them; `fields` replaces or adds lines of the table.
function synthetic.recipe(fields)
  local text = {
    name = '"small"', task = '"multiclass"', seed = "3", data = "{ source = ml.data.fashion_mnist() }",
    split = "{ valid = 0.2, stratify = true }",
    model = "nn.Sequential { nn.Flatten(), nn.Linear(16), nn.ReLU(), nn.Linear(10) }",
    train = "{ batch = 20, epochs = 3, optimizer = ml.optim.adamw { lr = 0.01 } }",
  }
  for name, value in pairs(fields or {}) do text[name] = value end
  local names, lines = {}, { 'local ml = require "moonlab"', "local nn = ml.nn", "return ml.recipe {" }
  for name in pairs(text) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if text[name] then lines[#lines + 1] = ("  %s = %s,"):format(name, text[name]) end
  end
  lines[#lines + 1] = "}\n"
  return table.concat(lines, "\n")
end

function synthetic.write_file(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  assert(file:close())
end

function synthetic.read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

--- The program that runs the tests.
function synthetic.program()
  local pipe = assert(io.popen "readlink /proc/$PPID/exe")
  local path = pipe:read "l"
  pipe:close()
  return path
end

--- Runs the program in a folder whose pictures are its data.
-- @param folder     where it runs; MOONLAB_DATA is this folder
-- @param arguments  as a shell would read them
-- @param before     shell commands first ("ulimit -f 8; ")
-- @return its exit status, stdout, stderr
function synthetic.run(folder, arguments, before)
  local settings = ("MOONLAB_DATA=%s LC_ALL=C.UTF-8 MOONLAB_THREADS=1 XDG_STATE_HOME=%s/state"):format(folder, folder)
  local command = ("cd %s && { %s %s %s %s; } >stdout 2>stderr </dev/null"):format(folder, before or "", settings,
    synthetic.program(), arguments)
  local _, _, status = os.execute(command)
  return status, synthetic.read_file(folder .. "/stdout"), synthetic.read_file(folder .. "/stderr")
end

--- A recipe over 90 rows of 23 households, which are its groups; its rows are numbers.
-- @param assess  the recipe's, or nil
function synthetic.households(assess)
  local ml = require "moonlab"
  local columns = { home = {}, x = {}, y = {} }
  for i = 1, 90 do columns.home[i], columns.x[i], columns.y[i] = "H" .. i // 4, i / 10, i % 7 end
  return ml.recipe { name = "g", task = "regression", seed = 5, model = ml.nn.Linear(1),
    data = { source = ml.data.table(columns), target = "y", group = "home" }, split = { valid = 0.2, test = 0.2 },
    train = { optimizer = ml.optim.adam { lr = 0.1 } }, assess = assess }
end

return synthetic
