print("netloom-bench")
