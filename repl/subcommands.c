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
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED) | BIT(OPTION_LOCK)},
    {.name = "check", .form = "RECIPE.lua [field=value ...] [--json]", .noun = "recipe"},
    {.name = "cv",
     .form = "RECIPE.lua [field=value ...] [--jobs N] [--out DIR] [--seed N] [--json] [--quiet]",
     .noun = "recipe",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED) | BIT(OPTION_JOBS)},
    {.name = "search",
     .form = "RECIPE.lua [field=value ...] [--jobs N] [--out DIR] [--seed N] [--json] [--quiet]",
     .noun = "recipe",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED) | BIT(OPTION_JOBS)},
    {.name = "predict", .form = "RUN INPUT... [--json]", .noun = "run", .inputs = "file of rows, or picture"},
    {.name = "verify", .form = "RECIPE.lua [--json] [--quiet]", .noun = "recipe"},
    {.name = "eval", .form = "RUN [DATA...] [--json]", .no_path = true},
    {.name = "new", .form = "NAME [--task TASK]", .noun = "name", .takes = BIT(OPTION_TASK)},
    {.name = "runs",
     .form = "[ls | show RUN | diff A B | plot RUN... | rm RUN...] [--yes] [--json]",
     .no_path = true,
     .takes = BIT(OPTION_YES)},
    {.name = "data",
     .form = "RECIPE.lua|FILE [target=COLUMN] [--out PAGE.html] [--json] [--seed N]",
     .noun = "recipe or file",
     .takes = BIT(OPTION_OUT) | BIT(OPTION_SEED)},
    {.name = "label",
     .form = "RECIPE.lua [--by NAME] [--out LABELS.csv]",
     .noun = "recipe",
     .takes = BIT(OPTION_BY) | BIT(OPTION_OUT)},
    {.name = NULL},
};

const subcommand *subcommand_find(const char *name) {
  for (const subcommand *one = subcommands; one->name; one++)
    if (strcmp(one->name, name) == 0) return one;
  return NULL;
}
