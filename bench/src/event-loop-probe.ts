import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * Measures the event loop delay of the program that imports this module through NODE_OPTIONS, by the clock and by CPU
 * time, which does not depend on other load. Writes the result in ms as JSON to the file in NARTHEX_PROBE;
 * NARTHEX_PROBE_FROM and _TO limit the measurement to a time span in ms after the start.
 */
const TICK_MS = 5;
const file = process.env["NARTHEX_PROBE"];

if (isMainThread && file !== undefined) {
  const [from, to] = [Number(process.env["NARTHEX_PROBE_FROM"]), Number(process.env["NARTHEX_PROBE_TO"])];
  const [late, busy]: [number[], number[]] = [[], []];
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const at = (values: number[], share: number): number =>
    values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? NaN;
  const write = (): void =>
    writeFileSync(file, JSON.stringify({ lateP99: at(late, 0.99), busyP99: at(busy, 0.99), busyMax: at(busy, 1) }));
  // Writes the result before the program's end, because the program may be killed.
  setTimeout(write, Math.max(0, to - performance.now())).unref();
  const begin = (): void => {
    let [then, spent] = [performance.now(), cpu()];
    const timer = setInterval(() => {
      const [now, used] = [performance.now(), cpu()];
      late.push(Math.max(0, now - then - TICK_MS));
      busy.push(Math.max(0, used - spent));
      [then, spent] = [now, used];
      if (now >= to) clearInterval(timer);
    }, TICK_MS).unref();
  };
  // Starts the probe late, because the probe costs CPU time.
  setTimeout(begin, Math.max(0, from - performance.now())).unref();
  process.on("exit", write);
}
