"""The call with a model: the screen, its transcript, the prompt, the model server."""
