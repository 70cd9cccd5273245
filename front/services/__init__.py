"""What the front does for its callers, over the ports; knows nothing of HTTP or AMQP."""
