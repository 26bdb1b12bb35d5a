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
