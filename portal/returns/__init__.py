"""Goods on their way back: contested, answered, judged; and who bears what the way cost."""
