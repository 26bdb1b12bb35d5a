--- Cutting a data set into parts, before anything is fitted, and into folds that each test once. Keyed by the seed: the same
-- seed cuts in the same places.

local by = require "moonlab.split.by"
local by_time = require "moonlab.split.by_time"
local chance = require "moonlab.split.random"
local chunks = require "moonlab.split.chunks"
local grouped = require "moonlab.split.grouped"
local kfold = require "moonlab.split.kfold"
local leave_out = require "moonlab.split.leave_out"
local parts = require "moonlab.split.parts"
local time_series_folds = require "moonlab.split.time_series_folds"

return require "moonlab.namespace"("ml.split", {
  random = chance.random,
  stratified = chance.stratified,
  grouped = grouped.grouped,
  by_time = by_time.by_time,
  by = by.by,
  parts = parts.parts,
  kfold = kfold.kfold,
  chunks = chunks.chunks,
  leave_one_out = leave_out.leave_one_out,
  leave_one_group_out = leave_out.leave_one_group_out,
  time_series_folds = time_series_folds.time_series_folds,
})
