-- moonlab label: keys become labels, are written at once, can be undone, and agree more or less.

local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local Labels = require "moonlab.data.labels"

local RECIPE = [[
local ml = require "moonlab"
local data, nn = ml.data, ml.nn
return ml.recipe {
  name = "mood", task = "binary", seed = 1,
  data = { source = data.csv "texts.csv", target = "mood", labels = "moods.csv", %s
    columns = { mood = data.category { "good", "bad" }, text = data.ignore() } },
  split = { valid = 0.3 }, model = nn.Linear(2), train = { epochs = 2, optimizer = ml.optim.adam { lr = 0.1 } },
}
]]

local function with(id, f)
  support.with_folder(function(folder)
    local lines = { "id,text,length" }
    for i = 1, 6 do lines[#lines + 1] = ("T%d,\"text, %d\",%d"):format(i, i, i * i) end
    synthetic.write_file(folder .. "/texts.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", RECIPE:format(id and 'id = "id",' or ""))
    f(folder, function(keys, options)
      synthetic.write_file(folder .. "/keys", keys)
      local status, out, err = synthetic.run(folder, ("label r.lua %s < keys"):format(options or "--by ann"))
      return { status = status, out = out, err = err }
    end)
  end)
end

local function given(folder, by) return Labels.open(folder .. "/moods.csv").given[by] end

TestLabel = {}

function TestLabel:test_each_key_labels_the_row_that_is_shown()
  with(true, function(folder, label)
    local r = label "12s1q"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertEquals(given(folder, "ann"), { T1 = "good", T2 = "bad", T4 = "good" })
    lu.assertStrContains(r.out, "\nrow 1, 6 left\n  id: T1\n  text: text, 1\n  length: 1\n1 good   2 bad   (s skip, u undo, q quit)\n-> good\n")
    lu.assertStrContains(r.out, "3 of 6 rows labelled by ann: good 2, bad 1\n")
  end)
end

function TestLabel:test_the_profile_knows_the_labels()
  with(true, function(folder, label)
    label "121q"
    local status, out, err = synthetic.run(folder, "data r.lua")
    lu.assertEquals(status, 0, err)
    lu.assertStrContains(out, "3 rows have no target")
    lu.assertStrContains(out, "class good  2")
  end)
end

function TestLabel:test_it_goes_on_where_it_was_left()
  with(true, function(folder, label)
    label "12q"
    local r = label "1"
    lu.assertStrContains(r.out, "row 3, 4 left")
    lu.assertEquals(given(folder, "ann"), { T1 = "good", T2 = "bad", T3 = "good" })
  end)
end

function TestLabel:test_undo_takes_the_last_label_back()
  with(true, function(folder, label)
    local r = label "12u1uuu"
    lu.assertStrContains(r.out, "took back row 2: bad")
    lu.assertStrContains(r.out, "nothing to undo")
    lu.assertEquals(given(folder, "ann"), {})
    lu.assertStrContains(synthetic.read_file(folder .. "/moods.csv"), "T2,,ann,")
  end)
end

function TestLabel:test_a_key_of_no_class_changes_nothing()
  with(true, function(folder, label)
    lu.assertStrContains(label("9x1").out, "'9' is the key of no class\n")
    lu.assertEquals(given(folder, "ann"), { T1 = "good" })
  end)
end

function TestLabel:test_rows_without_an_id_are_known_by_their_values()
  with(false, function(folder, label)
    label "12"
    local text = synthetic.read_file(folder .. "/texts.csv"):gsub("T1[^\n]*\n", "", 1)
    synthetic.write_file(folder .. "/texts.csv", text)
    lu.assertStrContains(label("q").out, "row 2, 4 left\n  id: T3")
  end)
end

-- scikit-learn: cohen_kappa_score([g,g,b,b,g], [g,b,b,b,g]) = 0.6153846153846154
function TestLabel:test_two_labellers_see_their_kappa()
  with(true, function(_, label)
    label("11221", "--by ann")
    lu.assertStrContains(label("12221q", "--by bob").out, "ann and bob: 5 rows in common; agreement 0.800, kappa 0.615\n")
  end)
end

function TestLabel:test_kappa_is_undefined_where_both_gave_one_label()
  with(true, function(_, label)
    label("111q", "--by ann")
    lu.assertStrContains(label("11q", "--by bob").out, "ann and bob: 2 rows in common; both gave one label alone\n")
    lu.assertStrContains(label("q", "--by eve").out, "6 left")
  end)
end

function TestLabel:test_the_label_of_most_counts_and_a_tie_is_none()
  support.with_folder(function(folder)
    local labels = Labels.open(folder .. "/l.csv")
    for _, one in ipairs { { "1", "good", "a" }, { "1", "bad", "b" }, { "1", "bad", "c" }, { "2", "good", "a" }, { "2", "bad", "b" } } do
      labels:set(table.unpack(one))
    end
    local again = Labels.open(folder .. "/l.csv")
    lu.assertEquals({ again:of "1", again:of "2", again:of "3" }, { "bad" })
  end)
end

function TestLabel:test_a_recipe_trains_on_the_labelled_rows()
  with(true, function(folder, label)
    label "12121q"
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    lu.assertStrContains(err, "read 6 rows: 5 kept, 0 quarantined, 1 dropped")
    lu.assertStrContains(synthetic.read_file(folder .. "/out/config.json"), "moods.csv")
  end)
end

function TestLabel:test_what_can_not_be_labelled_says_why()
  support.with_folder(function(folder)
    synthetic.write(folder)
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe())
    local status, _, err = synthetic.run(folder, "label r.lua </dev/null")
    lu.assertEquals(status, 2)
    lu.assertStrContains(err, "label: the source of r.lua is no table")
  end)
  with(true, function(folder, label)
    synthetic.write_file(folder .. "/moods.csv", "a,b\n1,2\n")
    lu.assertStrContains(label("1").err, "moods.csv is no file of labels: its columns are a,b, expected key,label,by,time")
  end)
end
