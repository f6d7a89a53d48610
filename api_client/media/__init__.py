"""Video in and out, by PyAV: probe, plan, split, decode, encode, assemble. No torch, no OpenCV."""
