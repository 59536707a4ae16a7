/** A thread for tests that fails before it is ready. */
throw new Error("no such thing");
