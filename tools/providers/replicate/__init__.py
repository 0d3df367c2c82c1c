"""Films made by the models at Replicate, which are paid for. Import from the modules."""
