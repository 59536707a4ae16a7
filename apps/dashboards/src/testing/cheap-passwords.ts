import crypto from "node:crypto";
import { beforeAll, vi } from "vitest";

/**
 * Makes password hashes cheap in a test file that imports this file. Each start of a role hashes the admin's password,
 * which took half of the processor time of such tests.
 */
beforeAll(() => {
  const { argon2 } = crypto;
  if (typeof argon2 !== "function") return;
  vi.spyOn(crypto, "argon2").mockImplementation((algorithm, parameters, done) =>
    argon2(algorithm, { ...parameters, memory: 8, passes: 1 }, done),
  );
});
