"""What a fine-tuning project costs over its horizon, line by line, and what each lever saves."""
