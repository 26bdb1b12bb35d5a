-- The fields of a recipe as data: what ml.recipe checks, what overrides are parsed by, what help and the reference
-- print.
--
--   name      of the field; a section's fields stand in `fields`
--   type      "string" "number" "integer" "boolean" "function" "list" "map" (of anything) "any" "section" "spec:KIND";
-- or a list of words.
--             Types that may be more than one thing are given as { any_of = {...} }.
--   default   what stands in config.json where the recipe says nothing
--   range     { low, high } of a number, both included; low only where there is no upper end

local tasks = { "regression", "binary", "multiclass", "multilabel", "segmentation", "detection", "sequence",
  "generation" }

return {
  { "name", type = "string", required = true, doc = "Names the run folder: letters, digits, '-', '_' and '.'." },
  { "seed", type = "integer", default = 0, doc = "The root of every random stream." },
  { "task", type = tasks, required = true,
    doc = "What kind of answer is asked for: which losses and metrics are legal." },
  {
    "problem", type = "section", doc = "The question, and what counts as an answer.",
    fields = {
      { "ask", type = "string", doc = "The question in one sentence." },
      { "accept", type = "map", default = {},
        doc = "Thresholds of metrics on the held-out part; a miss is exit status 3." },
    },
  },
  {
    "data", type = "section", required = true, doc = "The only files that the recipe opens, and what they hold.",
    fields = {
      { "source", type = "spec:data", required = true,
        doc = "Where the rows come from: data.fashion_mnist(), data.csv(...), data.tensors{...}." },
      { "target", type = "string", doc = "Of a table: the column that is asked for; it may be derived." },
      { "labels", type = "string",
        doc = "Of a table: a file of labels that `moonlab label` wrote; the target of a row is what most labellers gave it." },
      { "positive", type = { any_of = { "string", "number", "boolean" } },
        doc = "Of a binary task: the value of the target that is the second class; the later one in order if not given." },
      { "id", type = "string", doc = "Of a table: a column that names the rows; never a feature." },
      { "group", type = "string", doc = "A column: rows with the same value here are never cut apart; never a feature. Scores are said of each group as well. Of data sets a further "
          .. "column beside x and y: data.tensors{x = x, y = y, speaker = ids}." },
      { "time", type = "string", doc = "Of a table: when a row was; the last ones are held out; a feature only if a column says so." },
      { "columns", type = "map", default = {},
        doc = "Of a table: what columns are, { age = data.number{min = 18, missing = \"median\"}, plan = data.category{...}, note = data.ignore() }." },
      { "derive", type = "map", default = {},
        doc = "Of a table: columns made of others, { ratio = function(c) return c.spend / (c.tenure + 1) end }." },
      {
        "clean", type = "section", doc = "Of a table: what becomes of rows that are wrong.",
        fields = {
          { "invalid", type = { "quarantine", "drop", "missing", "error" }, default = "quarantine",
            doc = "Rows with a value that is none: set aside in a file with the reason, dropped, the value taken as missing, or an error." },
          { "duplicates", type = { "keep", "drop", "quarantine" }, default = "keep", doc = "Rows that are there twice, the first one excepted." },
          { "duplicates_by", type = "list", of = "string", doc = "The columns that make a duplicate; all but id if not given." },
          { "near", type = "boolean", default = false,
            doc = "Texts that differ in case and blanks, and numbers that are equal to three places, count as duplicates as well." },
        },
      },
    },
  },
  {
    "split", type = "section", doc = "Cut before anything is fitted.",
    fields = {
      { "valid", type = "number", range = { 0, 0.9 },
        doc = "The part of the rows that chooses the best weights: 0.1 if not given, 0 for a model that is solved and not trained." },
      { "test", type = "number", range = { 0, 0.9 }, doc = "The held-out part; not for a source that brings its own." },
      { "stratify", type = "boolean", default = false, doc = "Each part has the classes in the same proportions." },
      { "by", type = "string", doc = "Of a table: a column that says train, valid or test; never a feature." },
    },
  },
  { "features", type = "list", of = "spec:feature",
    doc = "How columns become what the model takes; standardize and one_hot if not given. Fitted to the training part. Of pictures: "
      .. "data.center_crop, data.pad, data.normalise; the last, fitted, if not given." },
  { "augment", type = "list", of = "spec:augment", default = {},
    doc = "Changes of training pictures, drawn anew each epoch." },
  { "model", type = "spec:model", required = true,
    doc = "An unbuilt module: nn.Sequential{...}, a class's instance, or a model that is solved: ml.logistic{...}. Several by name, "
      .. "{ G = ..., D = ... }, with a train.step." },
  { "inputs", type = "map", default = {},
    doc = "Of several models: the shape of a row of a model's input, where it is not the data's: { G = {64} }." },
  {
    "train", type = "section", doc = "How the model is fitted.",
    fields = {
      { "loss", type = { any_of = { "string", "function" } },
        doc = "By name (\"cross_entropy\"), or function(output, batch)." },
      { "loss_options", type = "map", default = {},
        doc = "Of a loss by name: { label_smoothing = 0.1 }, { weight = {1, 5} } or { weight = \"balanced\" } by the training rows of "
          .. "each class, gamma, delta, beta, pos_weight and so on, as the function of nn has them." },
      { "batch", type = "integer", default = 64, range = { 1 }, doc = "Rows of a step." },
      { "by_length", type = "boolean", doc = "Rows of similar length come into one batch, so that little is filled up: of data.sequences." },
      { "balanced", type = "boolean", doc = "A pass draws each class equally often, however rare it is." },
      { "weights", type = "string",
        doc = "A column with a weight for each row, never a feature: a network draws rows in proportion to it, a model that is solved counts a row so "
          .. "often. Scores count each row once." },
      { "workers", type = "integer", range = { 0, 16 },
        doc = "Threads that decode pictures ahead, where they are not kept in memory; 0: none. Of itself 1 or 2. No bit depends on it." },
      { "epochs", type = "integer", default = 10, range = { 1 }, doc = "Passes over the training part, at most." },
      { "steps", type = "integer", range = { 1 }, doc = "Steps in all, instead of epochs." },
      { "eval_every", type = "integer", range = { 1 },
        doc = "Steps between two looks at the validation part, where steps are given; a tenth of them if not said." },
      { "patience", type = "integer", range = { 1 },
        doc = "Epochs without a better validation score before the training stops." },
      { "accumulate", type = "integer", default = 1, range = { 1 },
        doc = "Pieces that the rows of a step go through the model in, for less memory: the same step as in one piece, "
          .. "unless a layer looks at the whole batch (BatchNorm) or draws numbers." },
      { "ema", type = "number", range = { 0, 0.999999 },
        doc = "An average of the weights with this decay is what is judged and kept." },
      { "clip", type = "number", range = { 1e-6 }, doc = "The gradients' joint norm is cut to this." },
      { "optimizer", type = "spec:optimizer",
        doc = "How a network is trained: ml.optim.adamw{...}, adam, sgd, rmsprop, adagrad, lion, lbfgs; of several models one each: { G = ..., D = ... }." },
      { "step", type = "function",
        doc = "function(run, batch) -> the loss to be shown: a step of one's own, with run.model, run.optimizer, run.state." },
      { "select", type = "string",
        doc = "The metric that chooses the best weights; the first of assess.metrics if not given." },
      { "on_epoch", type = "function", doc = "function(run, record) after each epoch." },
      { "finish", type = "function",
        doc = "function(run) at the end, with the best weights: run:say(text), run:write(name, text)." },
      { "on_batch", type = "function", doc = "function(run, batch) after each step." },
    },
  },
  {
    "assess", type = "section", doc = "How the result is judged.",
    fields = {
      { "metrics", type = "list", of = { any_of = { "string", "map" } },
        doc = "Names of metrics, or { name = \"f_beta\", beta = 2 }, which is \"f_beta(beta=2)\"; the task's own if not given." },
      { "cv", type = "spec:folds",
        doc = "Folds for `moonlab cv`, of the rows that are not held out: ml.kfold(10), ml.chunks{n = 10, test = 3}, ..." },
      { "calibrate", type = { "sigmoid", "isotonic", "temperature" },
        doc = "Probabilities that mean what they say, fitted to the validation part where there is a test part to judge it, else to rows that are held out "
          .. "in five folds of the training part: Platt's sigmoid, a rising line, or one temperature, as scikit-learn's CalibratedClassifierCV has them." },
      { "cost", type = "map",
        doc = "What errors cost, { false_positive = 1, false_negative = 5 } (the second class is the positive one): the probability from which on it is "
          .. "answered is chosen by the least cost, on the rows that calibrate takes. Of more classes a matrix, cost[actual][predicted]." },
      { "importance", type = { any_of = { "boolean", "integer" } },
        doc = "How much worse the model is without what a column says (permutation importance, so many times), and how its answer goes with the first few: true, "
          .. "false or the number of permutations. Not given: in `moonlab run`, of 1000 rows, where that is cheap." },
      { "learning_curve", type = "boolean",
        doc = "Of a model that is solved: its score over the number of training rows, in the report. Not given: where that is cheap. A network has the curves of "
          .. "its epochs." },
      { "season", type = "integer", range = { 1 },
        doc = "Of a series: how many rows a season has; that the last one comes again is a baseline, beside that the last value goes on." },
      { "score", type = "function",
        doc = "function(model, set) -> { name = number }: further scores of the held-out part, which problem.accept may name." },
    },
  },
  {
    "search", type = "section", doc = "How `moonlab search` explores the spaces of the recipe.",
    fields = {
      { "method", type = { "grid", "random", "tpe", "halving" }, default = "grid",
        doc = "All combinations, combinations at random, tree-structured Parzen estimators, or successive halving: many trials cheaply, the better "
          .. "third of them for three times as many epochs (or rows, of a model that is solved), and so on." },
      { "trials", type = "integer", range = { 1 }, doc = "How many, at most; not given: all of a grid, 27 of halving, 30 of the others." },
      { "minutes", type = "number", range = { 0 }, doc = "After so long no further trial is begun." },
      { "points", type = "integer", default = 5, range = { 1 }, doc = "What a grid tries of a range, at most: from end to end, evenly (of the logarithm)." },
      { "nested", type = "integer", range = { 2 },
        doc = "Folds in each of which the whole search is done on the training rows and what it chose is judged on the others: how good a choice made so is." },
      { "stop", type = "boolean", default = true, doc = "Trials whose first folds are hopeless are stopped." },
      { "select", type = "string", doc = "The metric that ranks them; the first of assess.metrics if not given." },
      { "rule", type = { "best", "1se" }, default = "best",
        doc = "The best, or the simplest within one standard error of it: of a list what stands earlier is simpler." },
      { "simpler", type = "map", default = {}, doc = "Of spaces of numbers by name, which is simpler: { alpha = \"larger\", C = \"smaller\" }." },
    },
  },
}
