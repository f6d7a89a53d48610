"""Still pictures: reading them whatever their format, packing their files into parts, writing them again."""
