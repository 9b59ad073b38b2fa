"""Files of other tools, in and out: each format reads into a `Series` and is written from one."""
