# Moonlab.   make demo | test | bench | recipes | docs | all | clean        READLINE=0  SANITIZE=1  BUILD=dir
#
# One binary, build/moonlab (build/moonlab-plain without readline): the engine (tensor/, nn/), its Lua bindings, the Lua library (lua/, inside the binary) and
# the terminal (repl/). The generator writes C from tensor/ops/ and nn/ops/ into $(BUILD)/gen.

SANITIZE ?= 0
READLINE ?= 1
BUILD    ?= build$(if $(filter 1,$(SANITIZE)),-sanitize)
PROGRAM  := $(BUILD)/moonlab$(if $(filter 0,$(READLINE)),-plain)
CC       := gcc
LUA      := lua5.4
GEN      := $(BUILD)/gen

WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
LUA_INC  := $(firstword $(wildcard /usr/include/lua5.4))
LUA_LIB  := $(firstword $(wildcard /usr/lib/*/liblua5.4.a /usr/lib/liblua5.4.a))
BITS     := -ffp-contract=off -fwrapv -fno-math-errno -fno-trapping-math
CFLAGS   ?= -O2 -g
ALL_C    := -std=gnu11 -D_GNU_SOURCE $(WARN) $(BITS) $(CFLAGS) -pthread -I. -I$(GEN) -isystem $(LUA_INC) -MMD -MP
ENGINE_LIBS := -lpng -ljpeg -lsqlite3 -lzstd -lz -ldl -lm -pthread
LIBS     := $(LUA_LIB) $(ENGINE_LIBS)
KERNEL_LEVEL := -O3
ifeq ($(SANITIZE),1)
  KERNEL_LEVEL := -O1# unrolled loops with their checks take minutes to optimise
  ALL_C  += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
  LIBS   += -fsanitize=address,undefined
endif
ifeq ($(READLINE),1)
  ALL_C  += -DML_READLINE
  LIBS   += -lreadline
endif

# Kernels: one source, compiled for each instruction set of this architecture. tensor/cpu.c picks at run time.
ARCH := $(shell uname -m)
ifeq ($(ARCH),x86_64)
  ISAS       := baseline avx2 avx512
  ISA_avx2   := -mavx2 -mfma -mf16c -mbmi2
  ISA_avx512 := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mbmi2 -mprefer-vector-width=512
else
  ISAS       := baseline
endif

ENGINE_C  := $(wildcard tensor/*.c tensor/io/*.c tensor/linalg/*.c nn/*.c table/*.c media/*.c classical/*.c assess/*.c)
KERNEL_C  := $(wildcard tensor/kernels/*.c nn/kernels/*.c table/kernels/*.c media/kernels/*.c classical/kernels/*.c)
PROGRAM_C := $(wildcard vm/*.c bindings/*.c repl/*.c)
TEST_C    := $(wildcard tests/c/test_*.c)
OPS_LUA   := $(wildcard tensor/ops.lua nn/ops.lua tensor/ops/*.lua nn/ops/*.lua)
LUA_SRC   := $(shell find lua -name '*.lua' 2>/dev/null | sort)

GEN_STAMP  := $(GEN)/stamp
GEN_ENGINE := $(GEN)/ops.gen.c
GEN_BIND   := $(GEN)/signatures.gen.c $(GEN)/modules.gen.c
KERNEL_O   := $(foreach i,$(ISAS),$(patsubst %.c,$(BUILD)/obj/%.$(i).o,$(KERNEL_C)))
ENGINE_O   := $(patsubst %.c,$(BUILD)/obj/%.o,$(ENGINE_C)) $(patsubst $(GEN)/%.c,$(BUILD)/obj/gen/%.o,$(GEN_ENGINE)) $(KERNEL_O)
PROGRAM_O  := $(patsubst %.c,$(BUILD)/obj/%.o,$(PROGRAM_C)) $(patsubst $(GEN)/%.c,$(BUILD)/obj/gen/%.o,$(GEN_BIND))
ifeq ($(READLINE),0) # differs in nothing but who reads the lines
  PROGRAM_O := $(patsubst $(BUILD)/obj/repl/reader%.o,$(BUILD)/obj/repl/reader%.plain.o,$(PROGRAM_O))
endif
TEST_BIN   := $(patsubst tests/c/%.c,$(BUILD)/tests/%,$(TEST_C))

.DEFAULT_GOAL := all
.PHONY: all packages test-packages demo test bench recipes c-tests fuzz docs clean
.SECONDARY:

all: $(PROGRAM)

$(GEN_STAMP): $(OPS_LUA) $(wildcard generator/*.lua)
	@mkdir -p $(GEN)
	@$(LUA) generator/generate.lua $(GEN)
	@touch $@
# Those that come out as they were keep their time, so that nothing is compiled again for them.
$(GEN)/ops.gen.c $(GEN)/ops.gen.h $(GEN)/signatures.gen.c: $(GEN_STAMP) ;
$(GEN)/%.inc: $(GEN_STAMP) ;

HELP := $(GEN)/lua/moonlab/help_pages.lua
$(HELP): $(OPS_LUA) bindings/reference.lua $(LUA_SRC) $(wildcard generator/*.lua)
	@mkdir -p $(@D)
	@$(LUA) generator/help.lua $@
$(GEN)/modules.gen.c: $(LUA_SRC) $(HELP) generator/embed.lua
	@mkdir -p $(GEN)
	@$(LUA) generator/embed.lua $@ $(LUA_SRC) $(HELP)

$(BUILD)/obj/gen/%.o: $(GEN)/%.c | $(GEN_STAMP)
	@mkdir -p $(@D)
	@echo "  $@"; $(CC) $(ALL_C) -c $< -o $@

define kernel_rule
$(BUILD)/obj/$(2)/kernels/%.$(1).o: $(2)/kernels/%.c | $(GEN_STAMP)
	@mkdir -p $$(@D)
	@echo "  $$@"; $(CC) $(ALL_C) $(KERNEL_LEVEL) $(ISA_$(1)) -DML_ISA_NAME=$(1) -c $$< -o $$@
endef
$(foreach i,$(ISAS),$(foreach room,tensor nn table media classical,$(eval $(call kernel_rule,$(i),$(room)))))

$(BUILD)/obj/%.plain.o: %.c | $(GEN_STAMP)
	@mkdir -p $(@D)
	@echo "  $@"; $(CC) $(ALL_C) -c $< -o $@

$(BUILD)/obj/%.o: %.c | $(GEN_STAMP)
	@mkdir -p $(@D)
	@echo "  $@"; $(CC) $(ALL_C) -c $< -o $@

$(BUILD)/libmoonlab.a: $(ENGINE_O)
	@rm -f $@
	@ar rcs $@ $^

$(PROGRAM): $(PROGRAM_O) $(BUILD)/libmoonlab.a
	@echo "  $@"; $(CC) -o $@ $^ $(LIBS) -Wl,-z,relro,-z,now

$(BUILD)/tests/%: tests/c/%.c $(BUILD)/libmoonlab.a
	@mkdir -p $(@D)
	@echo "  $@"; $(CC) $(ALL_C) -MF $@.d -o $@ $< $(BUILD)/libmoonlab.a $(ENGINE_LIBS)

c-tests: $(TEST_BIN)

# The readers of files against libFuzzer, which needs clang: build/fuzz/csv tests/fuzz/corpus/csv. The engine below them is gcc's.
FUZZ_C  := clang -std=gnu11 -D_GNU_SOURCE $(BITS) -O1 -g -I. -I$(GEN)
FUZZ_O  := $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(filter tensor/io/% table/% media/%,$(ENGINE_C)))
fuzz: $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
$(BUILD)/fuzz/obj/%.o: %.c | $(GEN_STAMP)
	@mkdir -p $(@D)
	@echo "  $@"; $(FUZZ_C) -fsanitize=fuzzer-no-link,address -MMD -MP -c $< -o $@
$(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_O) $(BUILD)/libmoonlab.a
	@echo "  $@"; $(FUZZ_C) -fsanitize=fuzzer,address -o $@ $^ $(ENGINE_LIBS)

# On a bare machine make and git are enough: the first step installs the rest, so the second make sees it.
packages:
	@tools/packages.sh
test-packages:
	@tools/packages.sh --tests

demo: packages
	@$(MAKE) --no-print-directory -j$$(nproc) all
	$(PROGRAM) run recipes/fashion_quick.lua

test: test-packages
	@sh tests/run.sh

# The pages of reference, which are committed (tests/generated.sh).
docs:
	@$(LUA) generator/docs.lua docs

bench: packages
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@$(PROGRAM) tests/bench/run.lua $(BENCH)

# Every recipe in full, its score into docs/results.md: an hour or so.
recipes: packages
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@$(PROGRAM) tools/record_results.lua

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
