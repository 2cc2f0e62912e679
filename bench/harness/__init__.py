"""What ./bench/run is made of: prepare, servers, figures, report."""
