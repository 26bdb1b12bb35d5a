-- What PyTorch calls otherwise, or has where there is nothing here: for messages about unknown options and unknown fields of
-- ml.nn and ml.optim. `names`: what it is called here; `advice`: what to do instead.

local options = {
  names = {
    num_layers = "layers", input_size = "inputs", in_features = "inputs", in_channels = "inputs", embed_dim = "inputs",
    d_model = "inputs", normalized_shape = "inputs", elementwise_affine = "affine", layer_norm_eps = "eps", dropout_p = "dropout",
    is_causal = "causal", tgt_is_causal = "causal", src_mask = "attn_mask", tgt_mask = "attn_mask", mask = "attn_mask",
    src_key_padding_mask = "key_padding_mask", tgt_key_padding_mask = "key_padding_mask", step_size = "every",
    eta_min = "final", min_lr = "final", end_factor = "final", start_factor = "start", anneal_strategy = "anneal",
    line_search_fn = "line_search", max_new_tokens = "tokens", max_length = "tokens", eos_token_id = "stop", use_cache = "cache",
    scale = "scale_factor", num_groups = "groups", kernel_size = "size",
  },
  advice = {
    batch_first = "x is always [batch, steps, inputs]",
    padding_idx = "id 0 is padding: it gives zeros and learns nothing",
    betas = "write beta1 = 0.9, beta2 = 0.999",
    max_lr = "the largest rate is the optimizer's own lr",
    T_max = "it ends with the training: opt:set_progress(epochs done, epochs in all) says where it is",
    total_steps = "it ends with the training: opt:set_progress(epochs done, epochs in all) says where it is",
    total_iters = "it ends with the training: opt:set_progress(epochs done, epochs in all) says where it is",
    steps_per_epoch = "opt:set_progress(epochs done, epochs in all) says where it is; a part of an epoch is a fraction",
    mode = "opt:set_score(score, true) where larger is better",
    need_weights = "the matrix of weights is never stored",
  },
}

local PAD = "nn.Pad({1, 1, 1, 1}, {mode = \"reflect\"}) makes any border"
local fields = {
  names = {
    BatchNorm1d = "BatchNorm", BatchNorm2d = "BatchNorm", BatchNorm3d = "BatchNorm", CrossEntropyLoss = "cross_entropy",
    BCEWithLogitsLoss = "bce_with_logits", binary_cross_entropy_with_logits = "bce_with_logits", NLLLoss = "nll_loss",
    KLDivLoss = "kl_div", CTCLoss = "ctc_loss", TripletMarginLoss = "triplet_margin_loss", triplet_loss = "triplet_margin_loss",
    CosineEmbeddingLoss = "cosine_embedding_loss", UpsamplingNearest2d = "Upsample", UpsamplingBilinear2d = "Upsample",
    PixelShuffle = "pixel_shuffle", PixelUnshuffle = "pixel_unshuffle", Swish = "SiLU", OneCycleLR = "one_cycle", StepLR = "step",
    ReduceLROnPlateau = "plateau", CosineAnnealingLR = "cosine", ExponentialLR = "exponential", clip_grad_norm_ = "clip_grad_norm",
    clip_grad_value_ = "clip_grad_value", AveragedModel = "ema",
  },
  advice = {
    Identity = "write function(x) return x end, or leave it out",
    ModuleList = "a plain list of layers in a field is registered", ModuleDict = "put each layer into a field: self[name] = layer",
    ZeroPad2d = PAD, ConstantPad2d = PAD, ReflectionPad2d = PAD, ReplicationPad2d = PAD, CircularPad2d = PAD, ReflectionPad1d = PAD,
    InstanceNorm2d = "nn.GroupNorm with as many groups as channels is the same", InstanceNorm1d = "nn.GroupNorm with as many groups as channels is the same",
    BCELoss = "nn.bce_with_logits takes what comes before the sigmoid",
  },
}

return { option = options, field = fields }
