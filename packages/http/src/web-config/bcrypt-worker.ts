import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

/** A comparison costs 100 ms of CPU by design: it runs here, off the thread that scrapes and answers. */
parentPort!.on("message", ({ password, hash }: { password: string; hash: string }) => {
  let equal: boolean;
  try {
    equal = compareSync(password, hash);
  } catch {
    equal = false;
  }
  parentPort!.postMessage(equal);
});
