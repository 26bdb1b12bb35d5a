#!/usr/bin/env python3
"""The work of tests/bench/commands/*.lua with scikit-learn, each in a process of its own that imports what it needs and no more.

usage: sklearn_commands.py adult_grid|adult_cv|california_cv FOLDER

Reads FOLDER/adult.data or FOLDER/california_housing.csv; prints the scores, and the seconds of the work without the imports, as one line of JSON.
"""
import json, sys, time, warnings
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
warnings.filterwarnings("ignore")
task, folder = sys.argv[1:]
JOBS = 2


def adult():
    names = "age workclass fnlwgt education education_num marital occupation relationship race sex gain loss hours country income".split()
    table = pd.read_csv(folder + "/adult.data", names=names, skipinitialspace=True, na_values="?")
    y, x = (table.income == ">50K").to_numpy(), table.drop(columns="income")
    numbers = [c for c in x if x[c].dtype.kind in "if"]
    words = [c for c in x if c not in numbers]
    columns = make_column_transformer((StandardScaler(), numbers), (make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")), words))
    return make_pipeline(columns, LogisticRegression(max_iter=1000)), x, y


def adult_grid():
    model, x, y = adult()
    penalties = {"logisticregression__C": [1e-3, 1e-2, .1, 1, 10]}
    search = GridSearchCV(model, penalties, cv=StratifiedKFold(10), scoring="roc_auc", n_jobs=JOBS).fit(x, y)
    return {"auc": search.best_score_, "C": search.best_params_["logisticregression__C"]}


def means(model, x, y, cv, scores):
    folds = cross_validate(model, x, y, cv=cv, scoring=list(scores.values()), n_jobs=JOBS)
    return {ours: folds["test_" + theirs].mean() for ours, theirs in scores.items()}


def adult_cv():
    return means(*adult(), StratifiedKFold(10), {"accuracy": "accuracy", "auc": "roc_auc", "f1": "f1"})


def california_cv():
    table = pd.read_csv(folder + "/california_housing.csv")
    y, x = table.median_house_value.to_numpy(float), table.drop(columns="median_house_value")
    numbers = [c for c in x if c != "ocean_proximity"]
    columns = make_column_transformer((make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
                                      (OneHotEncoder(handle_unknown="ignore"), ["ocean_proximity"]))
    return means(make_pipeline(columns, Ridge(1.0)), x, y, KFold(10), {"r2": "r2"})


began = time.perf_counter()
scores = {name: float(value) for name, value in globals()[task]().items()}
print(json.dumps({"scores": scores, "seconds": time.perf_counter() - began}))
