"""Work that is sent to a Dask cluster, in shards: `--scheduler dask://HOST:PORT`.

    cluster.py    the cluster: its address, who is there, each job's result once, whatever becomes of workers
    work.py       a job on a worker, in a process of its own that ends with whoever wants it
    child.py      that process
    cases.py      cases with their files as shards, and their outcomes
    fuzzing.py    chains of the fuzzer's as shards, and the campaign that they come to

Workers need agave-wasi of the same version, and nothing of the files of whoever sends: those travel along.
"""
