"""How an image is read: by which models, turned how, taken as what."""
