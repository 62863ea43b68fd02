"""What fine-tuning and serving a model costs, and what each lever saves."""
