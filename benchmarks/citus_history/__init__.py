"""A history on a Citus cluster: some venues trade while nodes are killed, venues move and connections are
cut. At the end every acknowledged write is looked for in the database.
"""
