"""Reference values of the linear models, from scikit-learn. Usage: make_linear_models.py > linear_models.json"""
import json

import numpy as np
import scipy
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler


def rounded(values, digits=3):
    return np.round(values, digits)


def logistic_case(rng, n, p, k, c, balanced):
    y = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    x = rounded(rng.standard_normal((n, p)) + 0.8 * (y[:, None] == np.arange(p) % k))
    model = LogisticRegression(C=c, tol=1e-12, max_iter=100000, class_weight="balanced" if balanced else None).fit(x, y)
    new = rounded(rng.standard_normal((4, p)))
    return {"x": x, "y": y, "classes": k, "C": c, "balanced": balanced, "coefficients": model.coef_, "intercept": model.intercept_,
            "new": new, "probabilities": model.predict_proba(new)}


def pca_case(rng, n, p):
    x = rounded(rng.standard_normal((n, p)) * np.linspace(2, 0.5, p))
    model = PCA(n_components=3, svd_solver="full").fit(x)
    return {"x": x, "components": model.components_, "explained_variance": model.explained_variance_, "mean": model.mean_,
            "scores": model.transform(x)}


def ridge_case(rng, n, p, q):
    x = rounded(rng.standard_normal((n, p)))
    y = rounded(x @ rng.standard_normal((p, q)) * 0.3 + rng.standard_normal((n, q)) + 1)
    alphas = [0.1, 1.0, 10.0, 100.0]
    new = rounded(rng.standard_normal((4, p)))
    chosen = RidgeCV(alphas=alphas).fit(x, y)
    return {"x": x, "y": y, "alphas": alphas, "new": new, "chosen": chosen.alpha_, "chosen_prediction": chosen.predict(new),
            "prediction_alpha_1": Ridge(alpha=1.0, solver="cholesky").fit(x, y).predict(new)}


def scaler_case(rng):
    x = rounded(rng.standard_normal((6, 4)) * 5 + 100)
    x[:, 1] = 0.1
    x[2, 0] = x[4, 3] = np.nan
    model = StandardScaler().fit(x)
    return {"x": x, "mean": model.mean_, "scale": model.scale_, "scaled": model.transform(x)}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, float) and np.isnan(value):
        return "nan"
    return value.item() if isinstance(value, np.generic) else value


rng = np.random.default_rng(20)
cases = {
    "made_with": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
    "logistic": [logistic_case(rng, 30, 6, 3, 0.1, False), logistic_case(rng, 30, 6, 3, 1.0, True), logistic_case(rng, 14, 25, 4, 0.1, False),
                 logistic_case(rng, 20, 5, 2, 0.5, False), logistic_case(rng, 12, 30, 2, 0.01, True)],
    "pca": [pca_case(rng, 12, 5), pca_case(rng, 6, 11)],
    "ridge": [ridge_case(rng, 20, 5, 3), ridge_case(rng, 9, 15, 4)],
    "scaler": [scaler_case(rng)],
}
print("{\n" + ",\n".join(f' "{name}": ' + json.dumps(plain(value), separators=(",", ":")) for name, value in cases.items()) + "\n}")
