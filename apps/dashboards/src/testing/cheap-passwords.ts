import crypto from "node:crypto";
import { beforeAll, vi } from "vitest";

/**
 * Makes password hashes cheap in each test file that imports this file. Otherwise half of the processor time of such
 * tests is spent on hashing the admin's password at each start of a server.
 */
beforeAll(() => {
  const { argon2 } = crypto;
  if (typeof argon2 !== "function") return;
  vi.spyOn(crypto, "argon2").mockImplementation((algorithm, parameters, done) =>
    argon2(algorithm, { ...parameters, memory: 8, passes: 1 }, done),
  );
});
