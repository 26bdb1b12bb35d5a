-- What scikit-learn calls otherwise, or has where there is nothing here: for messages about unknown fields of ml. `names`: what to write here;
-- `advice`: what else there is to say.

local TREES = "there are no trees and no ensembles of them"
local FOLDS = "ml.kfold(5, {stratify = true, group = true, repeats = 3})"

local names = {
  KFold = "ml.kfold(5)", StratifiedKFold = FOLDS, GroupKFold = FOLDS, StratifiedGroupKFold = FOLDS, RepeatedKFold = FOLDS,
  RepeatedStratifiedKFold = FOLDS, stratified_kfold = FOLDS, group_kfold = FOLDS, repeated_kfold = FOLDS,
  LeaveOneOut = "ml.leave_one_out()", LeaveOneGroupOut = "ml.leave_one_group_out()", TimeSeriesSplit = "ml.time_series_folds(5)",
  time_series_split = "ml.time_series_folds(5)", train_test_split = "ml.split.parts(set, {test = 0.2}), or split = {test = 0.2} in a recipe",
  cross_val_score = "ml.cross_validate{...}, or moonlab cv RECIPE.lua", cross_val_predict = "moonlab cv RECIPE.lua writes predictions.csv",
  GridSearchCV = "ml.search{...}, or moonlab search RECIPE.lua", RandomizedSearchCV = "ml.search{...}, or moonlab search RECIPE.lua",
  LinearRegression = "ml.linear()", Ridge = "ml.ridge{alpha = 1}", Lasso = "ml.lasso{alpha = 1}", ElasticNet = "ml.elastic_net{alpha = 1, l1_ratio = 0.5}",
  RidgeCV = "ml.ridge{alpha = ml.grid{0.1, 1, 10}} and moonlab search", LassoCV = "ml.lasso{alpha = ml.grid{0.1, 1, 10}} and moonlab search",
  LogisticRegression = "ml.logistic{C = 1}", PoissonRegressor = "ml.poisson{alpha = 1}", QuantileRegressor = "ml.quantile_regression{quantile = 0.5}",
  KNeighborsClassifier = "ml.knn{n_neighbors = 5}", KNeighborsRegressor = "ml.knn{n_neighbors = 5}", GaussianNB = "ml.naive_bayes()",
  MultinomialNB = "ml.naive_bayes{kind = \"multinomial\"}", BernoulliNB = "ml.naive_bayes{kind = \"bernoulli\"}", KMeans = "ml.kmeans{n_clusters = 8}", DummyClassifier = "ml.baseline()", DummyRegressor = "ml.baseline()",
  MLPClassifier = "nn.Sequential{nn.Linear(64), nn.ReLU(), nn.Linear(classes)}", MLPRegressor = "nn.Sequential{nn.Linear(64), nn.ReLU(), nn.Linear(1)}",
  accuracy_score = "ml.metrics.accuracy(predicted, actual)", balanced_accuracy_score = "ml.metrics.balanced_accuracy(predicted, actual)",
  precision_score = "ml.metrics.precision(predicted, actual)", recall_score = "ml.metrics.recall(predicted, actual)",
  f1_score = "ml.metrics.f1(predicted, actual)", fbeta_score = "ml.metrics.f_beta(predicted, actual, {beta = 2})",
  matthews_corrcoef = "ml.metrics.mcc(predicted, actual)", cohen_kappa_score = "ml.metrics.kappa(predicted, actual)",
  jaccard_score = "ml.metrics.iou(predicted, actual)", confusion_matrix = "ml.metrics.confusion(predicted, actual)",
  classification_report = "ml.metrics.by_class(ml.metrics.confusion(predicted, actual))", roc_auc_score = "ml.metrics.auc(scores, actual)",
  average_precision_score = "ml.metrics.average_precision(scores, actual)", brier_score_loss = "ml.metrics.brier(probabilities, actual)",
  top_k_accuracy_score = "ml.metrics.top_k(probabilities, actual, {k = 2})", mean_squared_error = "ml.metrics.mse(predicted, actual)",
  root_mean_squared_error = "ml.metrics.rmse(predicted, actual)", mean_absolute_error = "ml.metrics.mae(predicted, actual)",
  median_absolute_error = "ml.metrics.median_ae(predicted, actual)", mean_absolute_percentage_error = "ml.metrics.mape(predicted, actual)",
  r2_score = "ml.metrics.r2(predicted, actual)", mean_pinball_loss = "ml.metrics.quantile_loss(predicted, actual, {quantile = 0.5})",
  calibration_curve = "ml.metrics.reliability(probabilities, actual)", permutation_importance = "ml.assess.permutation_importance(model, set)",
  StandardScaler = "features = {ml.features.standardize()} in a recipe", OneHotEncoder = "features = {ml.features.one_hot()} in a recipe",
  SimpleImputer = "data.number{missing = \"median\"} in data.columns of a recipe", PCA = "features = {ml.features.pca(8)} in a recipe",
  Pipeline = "features = {...} and model = ... in a recipe", make_pipeline = "features = {...} and model = ... in a recipe",
  CalibratedClassifierCV = "assess = {calibrate = \"sigmoid\"} in a recipe, or ml.assess.calibrate",
}

local advice = {
  RandomForestClassifier = TREES, RandomForestRegressor = TREES, random_forest = TREES, DecisionTreeClassifier = TREES, DecisionTreeRegressor = TREES,
  GradientBoostingClassifier = TREES, GradientBoostingRegressor = TREES, HistGradientBoostingClassifier = TREES, HistGradientBoostingRegressor = TREES,
}

return { names = names, advice = advice }
