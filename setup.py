"""Which folders are packages; everything else is in pyproject.toml.

`modeling/` and `training/` stand at the top of the checkout and are `mate_hf.modeling` and `mate_hf.training`, never global
packages. In `mate_hf/` they are symlinks; a checkout without symlinks (Windows) installs the same packages.
"""

from setuptools import find_packages, setup

TOP_LEVEL = ("modeling", "training")

linked = [f"mate_hf.{name}" for top in TOP_LEVEL for name in find_packages(include=[top, f"{top}.*"])]
own = find_packages(include=["mate_hf", "mate_hf.*"])

setup(
    packages=sorted({*own, *linked}),
    package_dir={f"mate_hf.{top}": top for top in TOP_LEVEL},
)
