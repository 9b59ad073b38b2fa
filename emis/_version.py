"""The version, a literal: looking it up in the installed metadata would cost more than `emis --help` itself."""

__version__ = "0.1.0"
