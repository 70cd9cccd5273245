"""What a broker of ours imports: the topology as a definitions document, without users."""
