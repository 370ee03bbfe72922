"""From something heard to something durable, and from something durable to something said."""
