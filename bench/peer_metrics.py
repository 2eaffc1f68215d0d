"""What `zoetrope bench-metrics` measures, in scikit-image and SciPy. Prints one line of JSON."""

import json
import time

import numpy as np
from scipy import linalg
from skimage.metrics import structural_similarity

SIDE, FEATURES, REPEATS = 256, 2048, 40


def picture(noise):
    c, y, x = np.meshgrid(np.arange(3), np.arange(SIDE), np.arange(SIDE), indexing="ij")
    clean = (7 * x + 13 * y + 5 * (x * y % 31) + 50 * c) % 240
    return np.moveaxis(clean + noise * ((3 * x + 5 * y) % 17) % 16, 0, 2).astype(float)


def covariance(variance, reach):
    i = np.arange(FEATURES)
    return variance * np.exp(-np.abs(i[:, None] - i[None, :]) / reach)


def main():
    reference, test = picture(0), picture(1)

    def ssim():
        # The mean over windows that lie inside, as ours: the usual one of scikit-image pads, and crops the same border.
        return structural_similarity(
            reference, test, data_range=255, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)

    line = {"ssim": ssim()}
    start = time.perf_counter()
    for _ in range(REPEATS):
        ssim()
    line["ssim_s"] = (time.perf_counter() - start) / REPEATS
    first, second = covariance(1, 50), covariance(1.5, 20)
    start = time.perf_counter()
    root = linalg.sqrtm(first @ second)
    line["frechet"] = float(np.trace(first) + np.trace(second) - 2 * np.trace(root).real)
    line["frechet_s"] = time.perf_counter() - start
    print(json.dumps(line))


if __name__ == "__main__":
    main()
