import { parentPort } from "node:worker_threads";

const PULSE_MS = 10;
/** Delay in ms of a timer from which it counts as late. */
const LATE_MS = 40;

let last = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - last > PULSE_MS + LATE_MS) parentPort!.postMessage({ from: last, until: now });
  last = now;
}, PULSE_MS);
// Pauses that began before the question are reported before the answer.
parentPort!.on("message", (message) => setTimeout(() => parentPort!.postMessage(message), PULSE_MS));
