"""What a key holder of private matching keeps: epochs, budgets, commitments, answers; the forum shares and mail too."""
