"""One stream in a zip file that anybody can check, and the checks."""
