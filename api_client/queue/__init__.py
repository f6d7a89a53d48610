"""Work on its way: what is to be done, who has it, and what was lost."""
