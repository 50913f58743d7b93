"""What was decided, why, and what follows: rulings, settlements, default judgements."""
