import { parentPort } from "node:worker_threads";

const PULSE_MS = 10;
/** A timer that is later than this was not served in time. */
const LATE_MS = 40;

let last = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - last > PULSE_MS + LATE_MS) parentPort!.postMessage({ from: last, until: now });
  last = now;
}, PULSE_MS);
// Pauses that began before the question are in front of the answer.
parentPort!.on("message", (message) => setTimeout(() => parentPort!.postMessage(message), PULSE_MS));
