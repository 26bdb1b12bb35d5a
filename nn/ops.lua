-- The ops that layers and losses are made of, in the form that tensor/ops.lua explains. Each is also in ml.nn.

include "layers"
include "losses"
include "recurrent"
