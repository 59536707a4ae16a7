import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

/** Compares passwords with bcrypt hashes on a separate thread, because a comparison takes 100 ms of CPU by design. */
parentPort!.on("message", ({ password, hash }: { password: string; hash: string }) => {
  let equal: boolean;
  try {
    equal = compareSync(password, hash);
  } catch {
    equal = false;
  }
  parentPort!.postMessage(equal);
});
