"""Electricity: nothing leaves the vehicle or the house, and the power plant's CO2 is told apart."""

from emis.sectors.method import Floats

__all__ = ["offsite"]


def offsite(use: Floats, grid_factor: Floats) -> Floats:
    """Return the CO2 a unit of activity causes at power plants [kg]: electricity used [kWh] · grid factor [kg/kWh]."""
    return use * grid_factor
