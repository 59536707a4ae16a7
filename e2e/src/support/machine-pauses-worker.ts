import { parentPort } from "node:worker_threads";

const PULSE_MS = 10;
/** A timer counts as late if its delay is at least this long, ms. */
const LATE_MS = 40;

let last = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - last > PULSE_MS + LATE_MS) parentPort!.postMessage({ from: last, until: now });
  last = now;
}, PULSE_MS);
// Answers after a timer, so that pauses that began before the request are reported before the answer.
parentPort!.on("message", (message) => setTimeout(() => parentPort!.postMessage(message), PULSE_MS));
