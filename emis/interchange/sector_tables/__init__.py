"""Tables by sector of reporting nomenclatures, EDGAR, CEDS and MEIC."""
