#!/usr/bin/python3
"""Counts the classes of stacked digits that drawn images have, and prints JSON.

    stacked_modes.py --images DRAWN.npy

A support vector classifier that learnt scikit-learn's single digits (image_sets.py, the part to learn) reads each of the three channels.
`modes`: of 1,000, those that at least one image has; `kl`: divergence of the classes' shares from equal ones, in nats (Metz et al.,
2017); `accuracy`: of the classifier on digits held out.
"""
import argparse
import json

import numpy
from sklearn.svm import SVC

import image_sets


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True)
    options = parser.parse_args()
    (learnt, labels), (other, truth) = image_sets.digits()
    rows = lambda images: images.reshape(len(images), -1) / 255
    classifier = SVC().fit(rows(learnt), labels)
    images = numpy.load(options.images)
    digits = numpy.stack([classifier.predict(rows(images[..., channel])) for channel in range(3)], 1)
    shares = numpy.bincount(digits @ [100, 10, 1], minlength=1000) / len(images)
    seen = shares[shares > 0]
    print(json.dumps({"images": len(images), "modes": len(seen), "kl": float((seen * numpy.log(seen * 1000)).sum()),
                      "accuracy": float((classifier.predict(rows(other)) == truth).mean())}))


if __name__ == "__main__":
    main()
