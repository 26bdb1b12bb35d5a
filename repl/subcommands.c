/* The table of subcommands. What each does stands in lua/moonlab/command.lua. */

#include "repl/subcommands.h"

#include <stddef.h>
#include <string.h>

#define BIT(option) (1u << (option))

const subcommand_option subcommand_options[OPTION_COUNT] = {
    [OPTION_OUT] = {"--out", false},
    [OPTION_SEED] = {"--seed", true},
    [OPTION_BY] = {"--by", false},
    [OPTION_JOBS] = {"--jobs", true},
    [OPTION_TASK] = {"--task", false},
    [OPTION_LOCK] = {"--lock", .flag = true},
    [OPTION_YES] = {"--yes", .flag = true},
};

const subcommand subcommands[] = {
    {.name = "run",
     .form = "RECIPE.lua [field=value ...] [--out DIR] [--seed N] [--lock] [--json] [--quiet]",
     .noun = "recipe",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED) | BIT(OPTION_LOCK),
     .about = "Trains and judges a recipe: its data are cleaned and cut, all that is fitted is fitted to the training part, and the\n"
              "rows that are held out are judged once, which the ledger counts. The run folder is runs/NAME-1, runs/NAME-2, ...\n"
              "\n"
              "  field=value  in place of what the recipe says: train.epochs=3, C=10\n"
              "  --out DIR    the run folder itself\n"
              "  --seed N     in place of the recipe's seed\n"
              "  --lock       writes R.lock beside R.lua, for moonlab verify\n"
              "\n"
              "Exit status 3: a threshold of problem.accept is missed. 5: the training diverged.\n"
              "More: docs/howto/tables.md, moonlab help ml.recipe\n"},
    {.name = "check", .form = "RECIPE.lua [field=value ...] [--json]", .noun = "recipe",
     .about = "Says whether a recipe is right before it is run: unknown fields and options, shapes, parameters, FLOPs, memory, and\n"
              "what is wrong with its columns. Nothing is trained, and no run folder is written.\n"
              "\n"
              "  field=value  in place of what the recipe says: train.epochs=3, C=10\n"
              "\n"
              "Exit status 3: the recipe is wrong.\n"},
    {.name = "cv",
     .form = "RECIPE.lua [field=value ...] [--jobs N] [--out DIR] [--seed N] [--json] [--quiet]",
     .noun = "recipe",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED) | BIT(OPTION_JOBS),
     .about = "Cross-validates a recipe by the folds of assess.cv (five if it says none), made of the rows that are not held out:\n"
              "those are not looked at. All that is fitted is fitted anew in each fold. The run folder is runs/NAME-cv-1, ...\n"
              "\n"
              "  field=value  in place of what the recipe says: train.epochs=3, C=10\n"
              "  --jobs N     processes; the numbers do not depend on it\n"
              "  --out DIR    the run folder itself\n"
              "  --seed N     in place of the recipe's seed\n"
              "\n"
              "More: docs/howto/judge_a_model.md, moonlab help ml.kfold\n"},
    {.name = "search",
     .form = "RECIPE.lua [field=value ...] [--jobs N] [--out DIR] [--seed N] [--json] [--quiet]",
     .noun = "recipe",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED) | BIT(OPTION_JOBS),
     .about = "Tries what the recipe leaves open (ml.grid, ml.choice, ml.log_uniform, ...), each trial judged by the folds of assess.cv\n"
              "or on the validation part; then trains the chosen one and judges it once on the rows that are held out. The folder is\n"
              "runs/NAME-search-1, ... Killed at any moment, the same command goes on where it was.\n"
              "\n"
              "  field=value  in place of what the recipe says: search.trials=50\n"
              "  --jobs N     processes; the table does not depend on it\n"
              "  --out DIR    the folder of the search itself\n"
              "  --seed N     in place of the recipe's seed\n"
              "\n"
              "More: docs/howto/search.md, moonlab help search\n"},
    {.name = "predict", .form = "RUN INPUT... [--json]", .noun = "run", .inputs = "file of rows, or picture",
     .about = "What a trained model says of new data, prepared as its training data were. Columns are found by name.\n"
              "\n"
              "  RUN    a run folder\n"
              "  INPUT  files of rows, pictures, sounds, arrays, or folders of them: what the recipe's source reads\n"
              "\n"
              "More: docs/howto/judge_a_model.md\n"},
    {.name = "verify", .form = "RECIPE.lua [--json] [--quiet]", .noun = "recipe",
     .about = "Runs a recipe again and compares with the lock beside it, which moonlab run --lock wrote: recipe, data, split, weights and scores,\n"
              "bit for bit. It writes no run folder, and the ledger counts no look.\n"
              "\n"
              "Exit status 3: something differs.\n"
              "More: docs/howto/reproduce_a_run.md\n"},
    {.name = "eval", .form = "RUN [DATA...] [--json]", .no_path = true,
     .about = "Judges a trained model on labelled data, read as its recipe reads its own; without DATA on the run's own held-out part.\n"
              "The ledger counts each look.\n"
              "\n"
              "  RUN   a run folder\n"
              "  DATA  files or folders with labels, of the kind that the model was trained on\n"
              "\n"
              "Exit status 3: a threshold of problem.accept is missed.\n"
              "More: docs/howto/judge_a_model.md\n"},
    {.name = "new", .form = "NAME [--task TASK]", .noun = "name", .takes = BIT(OPTION_TASK),
     .about = "Writes NAME.lua, a commented recipe that runs, and rows for it to be tried on.\n"
              "\n"
              "  --task TASK  binary (if not given), multiclass, regression, multilabel, segmentation, detection, sequence,\n"
              "               generation, pictures, series or text\n"},
    {.name = "runs",
     .form = "[ls | show RUN | diff A B | plot RUN... | rm RUN...] [--yes] [--json]",
     .no_path = true,
     .takes = BIT(OPTION_YES),
     .about = "What was run. RUN is a path, or a name in runs/.\n"
              "\n"
              "  ls            the runs in runs/, beside each other (also without a word)\n"
              "  show RUN      what one is and came to\n"
              "  diff A B      in what two differ: recipe, settings, data, split, scores\n"
              "  plot RUN...   their curves\n"
              "  rm RUN...     removes run folders; asks, unless --yes says so\n"
              "\n"
              "More: docs/howto/reproduce_a_run.md\n"},
    {.name = "data",
     .form = "RECIPE.lua|FILE [target=COLUMN] [--out PAGE.html] [--json] [--seed N]",
     .noun = "recipe or file",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED),
     .about = "Profiles the data of a recipe, or a file: types, missing values, duplicates, outliers, suspected leaks, plots.\n"
              "\n"
              "  target=COLUMN    of a file: what is to be told from the others\n"
              "  --out PAGE.html  writes it as a page, too\n"
              "  --seed N         of what is sampled\n"
              "\n"
              "More: docs/howto/tables.md\n"},
    {.name = "label",
     .form = "RECIPE.lua [--by NAME] [--out LABELS.csv]",
     .noun = "recipe",
     .takes = BIT(OPTION_BY) | BIT(OPTION_OUT),
     .about = "Shows the rows of a recipe's table one after another in the terminal, with a key for each class. It can be left and\n"
              "taken up again.\n"
              "\n"
              "  --by NAME         who labels\n"
              "  --out LABELS.csv  where the labels stand\n"},
    {.name = NULL},
};

const subcommand *subcommand_find(const char *name) {
  for (const subcommand *one = subcommands; one->name; one++)
    if (strcmp(one->name, name) == 0) return one;
  return NULL;
}
