"""The compiled extension; everything else about the package stands in pyproject.toml.

EMIS_DEBUG=1 builds it with bounds checks, for the test suite of whoever changes a kernel.
"""

import os
import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

debug = os.environ.get("EMIS_DEBUG") == "1"
openmp = [] if sys.platform in ("darwin", "win32") else ["-fopenmp"]
# No -ffast-math and no contraction: results are the same bits on every machine and at every thread count.
flags = [] if sys.platform == "win32" else ["-O1" if debug else "-O3", "-ffp-contract=off", *openmp]

setup(
    ext_modules=cythonize(
        [
            Extension(
                "emis._core",
                ["emis/_core.pyx"],
                include_dirs=["emis"],
                depends=["emis/_loops.h"],
                extra_compile_args=flags,
                extra_link_args=openmp,
            )
        ],
        compiler_directives={
            "language_level": 3,
            "boundscheck": debug,
            "wraparound": False,
            "initializedcheck": debug,
            "cdivision": not debug,
            "embedsignature": True,
        },
        force=debug,
    )
)
