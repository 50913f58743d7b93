"""What a panel could not decide: an officer's reasoned ruling, an appraisal, a confirmation."""
