"""The model of habit: experts, their mixture, their timing."""
