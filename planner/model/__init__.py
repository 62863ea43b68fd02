"""The program: rules, solvers, proof."""
