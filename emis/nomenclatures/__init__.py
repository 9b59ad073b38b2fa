"""Nomenclatures of sources, and how one goes over into another: codes, titles and mappings with weights, as data."""
