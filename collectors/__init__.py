"""Where measurements come from. Each collector yields samples and never stops the others."""
