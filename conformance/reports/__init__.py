"""Reports of a run, all made from one document of plain data, which is also the JSON report."""
