/** A thread that ends with an error before it is ready. */
throw new Error("no such thing");
